# Booth with its offline engine:
#
#   docker build -t booth .
#   docker run --rm -p 3000:3000 -p 44400:44400/udp -p 44400:44400 -v booth:/data booth
#
# It prints a sign-in link, which is good for one browser; `docker exec CONTAINER node scripts/booth.mjs link` prints another. For other
# computers add -e BOOTH_RTC_ANNOUNCED_ADDRESS=<the address they reach this one by>.
FROM node:22-bookworm-slim

ENV NODE_ENV=production \
    BOOTH_CACHE_DIR=/booth-cache \
    BOOTH_DATA_DIR=/data \
    BOOTH_HOST=0.0.0.0 \
    BOOTH_RTC_ANNOUNCED_ADDRESS=127.0.0.1 \
    # One media worker is one port.
    BOOTH_RTC_WORKERS=1

RUN install -d -o node -g node /booth /booth-cache /data
USER node
WORKDIR /booth

# What takes minutes and hardly ever changes comes first: dependencies, media worker, offline engine.
COPY --chown=node:node package.json package-lock.json .npmrc ./
# The packages of the repository, to which npm makes links.
COPY --chown=node:node protocol/package.json protocol/
COPY --chown=node:node werift-handler/package.json werift-handler/
COPY --chown=node:node bot/package.json bot/
COPY --chown=node:node engine/package.json engine/
COPY --chown=node:node client-widget/package.json client-widget/
COPY --chown=node:node engine/setup engine/setup
COPY --chown=node:node scripts scripts
COPY --chown=node:node audio audio
RUN node scripts/setup.mjs worker engine speech && rm -rf /booth-cache/apt

COPY --chown=node:node . .
RUN node scripts/setup.mjs page

VOLUME /data
EXPOSE 3000 44400/udp 44400/tcp
ENTRYPOINT ["node", "scripts/booth.mjs"]
CMD ["start"]
