/** What the widgets say in Spanish, by what they say in English; a number or a name takes the place of `%`. */
export const texts = {
  Captions: 'Subtítulos',
  'Captions appear here when somebody speaks.': 'Los subtítulos aparecen aquí cuando alguien habla.',
  'Language and size': 'Idioma y tamaño',
  'corrected:': 'corregido:',
  'not translated: refused by the service': 'sin traducir: el servicio se negó',
  Smaller: 'Más pequeños',
  Larger: 'Más grandes',
  'Move to the bottom': 'Mover abajo',
  'Move to the top': 'Mover arriba',
  'What was said before': 'Lo que se dijo antes',
  Language: 'Idioma',
  Original: 'Original',
  Translation: 'Traducción',
  Interpretation: 'Interpretación',
  Hear: 'Oír',
  Loudness: 'Volumen del sonido',
  'Turn the sound on': 'Activar el sonido',
  'The browser waits for a tap before it plays sound.': 'El navegador espera un toque para reproducir sonido.',
  'A machine translates, and the voice is synthetic.': 'Traduce una máquina, y la voz es sintética.',
  'Balance from the original to its translation': 'Equilibrio entre el original y su traducción',
  'translation % dB above the original': 'traducción % dB por encima del original',
  'Original later by': 'Retrasar el original',
  '% s': '% s',
  '% seconds': '% segundos',
  'This browser cannot delay it.': 'Este navegador no puede retrasarlo.',
  'At most % s here, and sound comes to it slowly.': 'Aquí % s como máximo, y el sonido llega a ello poco a poco.',
  Listen: 'Escuchar',
  'Stop listening': 'Dejar de escuchar',
  'QR code': 'Código QR',
  'This page as a QR code': 'Esta página como código QR',
  'Point another phone at it to read and listen there.': 'Enfócalo con otro teléfono para leer y escuchar en él.',
  'It works on this computer. For phones in your network, start Booth with':
    'Funciona en este ordenador. Para los teléfonos de tu red, inicia Booth con',
  'There is no translation into % here: only what is said in it is shown.':
    'Aquí no se traduce a este idioma (%): solo se muestra lo que se dice en él.',
  'Connecting …': 'Conectando …',
  'Waiting to be let in …': 'Esperando a que te dejen entrar …',
  'There is no voice in this language here.': 'Aquí no hay voz en este idioma.',
  'Waiting for the interpreter …': 'Esperando al intérprete …',
  'Interpreter is reconnecting …': 'El intérprete se está reconectando …',
  'Still translating …': 'Todavía traduciendo …',
  'Some speech was skipped.': 'Se ha omitido una parte.',
  'Interpretation is paused: over budget.': 'Interpretación en pausa: presupuesto agotado.',
  'Interpretation is not available.': 'No hay interpretación.',
  'Connection lost. Coming back by itself …': 'Conexión perdida. Vuelve por sí sola …',
  'Captions could not be loaded: reload the page.': 'No se pudieron cargar los subtítulos: recarga la página.',
  'Sound could not be loaded: reload the page.': 'No se pudo cargar el sonido: recarga la página.',
  'This address is not that of a room.': 'Esta dirección no es la de una sala.',
  'This is not a token.': 'Esto no es un token.',
  'The token for this room is not accepted any more.': 'El token de esta sala ya no vale.',
};
export type Text = keyof typeof texts;
export type Texts = Readonly<Record<Text, string>>;

/** Why something did not work, by the server's codes. */
export const reasons = {
  unreachable: 'No se puede contactar con el servidor. ¿Está en marcha?',
  unsupported:
    'Este navegador no puede enviar ni recibir sonido como hacen las reuniones. Abre esta página en un Chrome, Edge, Firefox o Safari actual.',
  timeout: 'El servidor no responde.',
  lost: 'Se perdió la conexión con la sala.',
  closed: 'Se perdió la conexión con la sala.',
  goingAway: 'El servidor se está reiniciando.',
  internal: 'El servidor falló: su registro dice por qué.',
  unauthorized: 'Tu pase para esta sala ha caducado.',
  replaced: 'Entraste desde otro lugar, así que esta página ha salido de la sala.',
  removed: 'Quien dirige la reunión te ha sacado de esta sala.',
  denied: 'Quien dirige la reunión no te ha dejado entrar.',
  waitedTooLong: 'Nadie te ha dejado entrar todavía. Inténtalo más tarde o pregunta a quien dirige la reunión.',
  tooManyWaiting: 'Ya esperan muchas personas. Inténtalo de nuevo en unos minutos.',
  notAdmitted: 'A esta sala se deja entrar de uno en uno. Entra primero y espera a que te dejen.',
  revoked: 'Esta invitación fue retirada. Pide otra a quien dirige la reunión.',
  expiredToken: 'Esta invitación ha caducado. Pide otra a quien dirige la reunión.',
  badToken: 'Esta invitación no está completa. Copia el enlace entero o pide otra a quien dirige la reunión.',
  forgedToken: 'Esta invitación no es de este servidor. Pide otra a quien dirige la reunión.',
  wrongRoom: 'Esta invitación es para otra sala. Pide una para esta a quien dirige la reunión.',
  inviteNeeded: 'A esta sala se entra con una invitación. Pide un enlace a quien dirige la reunión.',
};

/** What the server would say to who builds a page, for who reads it. */
const refusals = {
  forbidden: 'Este enlace no permite leer ni escuchar aquí.',
  missingToken: 'Falta lo que permite entrar: pide un enlace a quien dirige la reunión.',
  invalid: 'La página pide algo que este servidor no tiene.',
  tooMany: 'Ya leen aquí tantas personas como es posible. Se vuelve a intentar …',
};
export type Refusals = Readonly<Record<keyof typeof refusals, string>>;

export const all = { ...reasons, ...refusals, ...texts };
