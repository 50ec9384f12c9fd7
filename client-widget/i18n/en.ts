/**
 * English: the texts of the meeting page, whose shape every other language has. The widgets' English texts stand where they are shown,
 * and are the keys of the other languages.
 */

const deviceNames = { microphone: 'microphone', camera: 'camera', screen: 'screen' };
export type DeviceName = keyof typeof deviceNames;

const untilThen = (source: DeviceName) => (source === 'microphone' ? ' Until then you can listen and read.' : '');

const deviceTrouble = {
  insecure: (source: DeviceName) =>
    `A ${deviceNames[source]} needs a secure address: HTTPS, or 127.0.0.1 on the computer that Booth runs on. From here you can listen and read.`,
  refused: (source: DeviceName) =>
    `The browser does not let this page use the ${deviceNames[source]}. Allow it beside the address, then try again.${untilThen(source)}`,
  missing: (source: DeviceName) =>
    `No ${deviceNames[source]} was found. Plug one in, then try again.${untilThen(source)}`,
  held: (source: DeviceName) =>
    `The ${deviceNames[source]} does not answer. Another program may be holding it.${untilThen(source)}`,
  gone: (source: DeviceName) =>
    `The ${deviceNames[source]} is gone. It comes back by itself when it is plugged in again.${untilThen(source)}`,
  failed: (source: DeviceName) => `The ${deviceNames[source]} could not be opened.${untilThen(source)}`,
};

const counted = (n: number, one: string, many: string) => (n === 1 ? `1 ${one}` : `${n} ${many}`);

/** Why something did not work, by the server's codes; the page and the widgets show these alike. */
const reasons = {
  unreachable: 'The server cannot be reached. Is it running?',
  upgradeBlocked:
    'A proxy in front of the server does not let the meeting through: it has to pass on WebSockets (the headers Upgrade and Connection). Tell whoever runs the server.',
  unsupported:
    "This browser cannot play the meeting's sound (it has no WebRTC). Captions go on. For the sound, open this page in a current Chrome, Edge, Firefox or Safari.",
  timeout: 'The server does not answer.',
  lost: 'The connection to the room was lost.',
  closed: 'The connection to the room was lost.',
  goingAway: 'The server is restarting.',
  internal: 'The server failed: its log tells why.',
  unauthorized: 'Your pass for this room has run out.',
  replaced: 'You joined from somewhere else, so this page has left the room.',
  removed: 'The host has removed you from this room.',
  denied: 'The host did not let you in.',
  waitedTooLong: 'Nobody has let you in so far. Try again later, or ask the host.',
  expired: 'Your access to this room has ended. Ask the host for a new invite.',
  tooManyWaiting: 'Many people wait to be let in already. Try again in a few minutes.',
  tooManyLanguages:
    'This room is interpreted into as many languages as it may be. Choose one that others hear or read already.',
  notAdmitted: 'The host lets people into this room one by one. Enter it and be let in first.',
  revoked: 'This invite was revoked. Ask the host for a new one.',
  expiredToken: 'This invite has expired. Ask the host for a new one.',
  badToken: 'This invite is not whole. Copy all of the link, or ask the host for a new one.',
  forgedToken: 'This invite is not of this server. Ask the host for a new one.',
  wrongRoom: 'This invite is for another room. Ask the host for one to this room.',
  inviteNeeded:
    'This room is entered with an invite: ask the host for a link. If you run this server, open the link that the terminal printed, or run “npx booth link” for a new one.',
  signInExpired:
    'This link was used before, or is older than an hour. If you run this server, run “npx booth link” for a new one; otherwise ask the host for an invite.',
  signedOut:
    'This browser is no longer signed in. If you run this server, open the link that the terminal printed, or run “npx booth link” for a new one.',
};

/** Error codes whose English is addressed to developers, worded for the people who read captions. */
const accessErrors = {
  forbidden: 'This link does not let anybody read or listen here.',
  missingToken: 'What lets one in is missing: ask the host for a link.',
  invalid: 'The page asks for something that this server does not have.',
  tooMany: 'As many people read here as can. It is tried again …',
};
export type AccessErrors = Readonly<Record<keyof typeof accessErrors, string>>;

/** The errors that a widget looks up by their code; its other texts stand where they are shown. */
export const widgetTable = { ...reasons, ...accessErrors };

export const en = {
  home: {
    lead: 'A meeting with an interpreter. Everyone speaks their own language, and hears and reads the one they choose.',
    room: 'Room',
    open: 'Open',
    wrong: (rule: string) => `This name cannot be used. ${rule}`,
    rule: 'A name is 1 to 64 of the letters a to z, digits, dots, hyphens and underscores, and begins with a letter or a digit.',
    any: (rule: string) => `A room that does not exist yet is opened. ${rule}`,
    demoBefore: 'To hear an interpreter at work first, run',
    demoAfter: 'and open the link that it prints.',
  },
  stopped: {
    unreachable: 'Booth cannot be reached',
    replaced: 'You have left this room',
    removed: 'You are no longer in this room',
    refused: 'You are no longer let in',
    again: 'Open the room again',
  },
  /** Texts for the language of the page, and for closing and repeating. */
  page: { language: 'Language of this page', close: 'Close', putAway: 'Put this away', again: 'Try again' },
  lobby: {
    guest: 'Guest',
    devices: 'Camera and microphone',
    name: 'Name',
    speak: 'I speak',
    hear: 'I hear',
    read: 'I read',
    synthetic: 'The voice you hear may be synthetic.',
    kept: (hours: number) => `What is said is written down and kept for ${counted(hours, 'hour', 'hours')}.`,
    keptUnless: 'A host can switch that off.',
    notKept: 'What is said is not written down.',
    join: 'Join',
    joining: 'Joining…',
    ownPicture: 'Your camera, as others will see it',
    asking: 'Asking the browser for the microphone…',
    muted: 'You are muted.',
    asleep: 'Click anywhere to see whether the microphone works.',
    saySomething: 'Say something: the bar should move.',
    silent: 'No sound for 5 s.',
    silentHow: (label: string) =>
      `Say something. If nothing moves: check that “${label}” is the right microphone, and that it is not muted on the device itself.`,
    otherTab: 'You are in this room in another tab.',
    otherTabHow: 'Two tabs hear each other, so this one listens only. Headphones on? Then it may speak as well.',
    microphoneAnyway: 'Turn the microphone on anyway',
    notUnderstood: (language: string, offline: boolean) =>
      `${offline ? 'The offline engine' : 'The engine'} does not understand ${language}: people will hear you, but nobody will interpret what you say.`,
    left: 'You have left the meeting.',
    leftHow: 'What was said can be downloaded now, and later by whoever is let into the room.',
  },
  device: {
    trouble: deviceTrouble,
    microphone: 'Microphone',
    camera: 'Camera',
    speaker: 'Loudspeaker',
    usual: 'As the system has it',
    unnamed: (number: number) => `Device ${number}`,
    settings: 'Settings',
    level: 'Microphone level',
    mute: 'Mute',
    unmute: 'Unmute',
    mutedBySystem:
      'The microphone is muted by the system or on the device itself. Nobody hears you until it is unmuted there.',
    cameraOff: 'Camera off',
    cameraOn: 'Camera on',
    share: 'Share',
    shareHow: 'Share a screen',
    stopSharing: 'Stop sharing',
  },
  choice: {
    original: 'Original',
    both: (language: string) => `Original + ${language}`,
    bothHeading: 'Original and translation',
    captionsOnly: 'captions only',
    off: 'Off',
    listenOnly: 'I only listen',
    notInterpreted: 'Heard, but not interpreted here',
    hear: 'Hear',
    read: 'Read',
  },
  meeting: {
    label: 'Meeting',
    controls: 'Controls',
    people: 'People in this room',
    captions: 'Captions',
    captionsHere: 'What people say will stand here.',
    chooseEither: 'Choose a language to hear or read, and what people say is interpreted into it.',
    chooseRead: 'Choose what to read, and it will stand here.',
    leave: 'Leave',
    leaveHow: 'Leave the room',
  },
  keys: {
    title: 'Keys',
    mute: 'Mute or unmute',
    camera: 'Camera on or off',
    hear: 'Choose what to hear',
    read: 'Choose what to read',
    captions: 'Size of the captions',
    transcript: 'What was said so far',
    list: 'This list',
  },
  tile: {
    you: (name: string) => `${name} (you)`,
    picture: (name: string) => `${name}’s picture`,
    screen: (name: string) => `${name}’s screen`,
    muted: 'muted',
    speaking: 'speaking',
    stillListening: (n: number) => `${n} still listening`,
    notInterpreted: (language: string) => `${language} is not interpreted here`,
    unwilling: 'Does not want to be interpreted',
  },
  trouble: {
    comingBack: 'Coming back by itself; what was said stays here.',
    tryNow: 'Try now',
    accessEnds: (time: string) => `Your access to this room ends at ${time}. Ask the host for a new invite.`,
    firefoxOnLoopback: 'Firefox lets no sound and no pictures through at this address of the computer itself.',
    firefoxHow:
      'This computer had no other address when Booth started. Captions go on. To hear and to be heard, connect it to a network and start Booth again, or open this page in Chrome, Edge or Chromium.',
    unreachable:
      'No sound and no pictures get through: a firewall or this network seems to block them, and nobody hears you.',
    unreachableHow:
      'Captions go on, and other ways keep being tried. Try another network, such as that of a phone. Whoever runs the server can open its media ports for you, or offer a TURN server.',
    mediaLost: 'Sound and pictures do not get through at the moment: nobody hears you. New ways are being tried.',
    unheard: (seconds: number) =>
      `The connection was interrupted for about ${counted(seconds, 'second', 'seconds')}. What you said then was not heard: say it again.`,
    silentPage: 'The browser keeps this page silent until you touch it.',
    hear: 'Hear the meeting',
    interpreterFailed: 'The interpreter failed, and Booth tries again by itself. People still hear each other.',
    notAvailable: 'Interpretation is not available.',
    captionsMissing: 'Some captions could not be published.',
    budget: 'The budget for interpretation:',
    otherTab:
      'Another tab of this browser is in this room. Two tabs hear each other, so this one listens only. Headphones on? Then it may speak as well.',
    mutedByHost: 'The host has muted you.',
    youAreTooQuiet: 'We hardly hear you. Move closer to the microphone, or turn it up.',
    isTooQuiet: (name: string) => `The interpreter hardly hears ${name}.`,
    seemsToSpeak: (language: string) => `You seem to speak ${language}.`,
    change: (language: string) => `Change to ${language}`,
    keep: (language: string) => `Keep ${language}`,
  },
  invite: {
    first: 'You are the first one here.',
    how: 'Others come in with this link:',
    inviteHow: 'Invite others',
    link: 'Link to this room',
    copy: 'Copy',
    copied: 'Copied',
    code: 'The same link as a QR code',
    localBefore: 'It works on this computer. For others in your network, start Booth with',
    ask: 'Ask whoever runs this meeting to invite others.',
    revoke: 'Revoke this invite',
    revokeNow: 'Really revoke it?',
    revokeHow: 'Nobody comes in any more by a link that you have given out here, and whoever did leaves the room.',
    revoked: 'The invite was revoked: nobody comes in by it any more.',
    revokeAll: 'Revoke everything given so far',
    revokeAllNow: 'Really revoke all of it?',
    revokeAllHow:
      'Nobody comes in any more by a link or token that you have given for this room until now, nor by what came from those. Whoever did leaves the room.',
    another: 'Make a new invite',
    demoBefore: 'Or hear an interpreter at work:',
    demoAfter: 'prints the link of a room with a recorded voice.',
  },
  interpreter: {
    title: 'Interpreter',
    refuse: 'Don’t interpret me',
    refuseHow: 'No interpreter listens to my microphone.',
    looks: 'To understand better, the interpreter also looks at cameras and shared screens of who speaks.',
    shown: (n: number) => `Shown so far: ${counted(n, 'picture', 'pictures')}.`,
    refusePictures: 'No pictures of me',
    refusePicturesHow: 'No interpreter looks at my camera or my screen.',
    list: 'What is interpreted',
    listeners: (n: number) => counted(n, 'listener', 'listeners'),
    span: (seconds: string) => `${seconds} s after the speaker`,
    behind: (seconds: string) => `${seconds} s behind`,
    perHour: (voice: string, captions: string) =>
      `An hour of one person’s speech into one language: ${voice} heard, ${captions} only read.`,
    soFar: (cost: string) => `Today so far: ${cost}`,
    tokens: (n: string) => `${n} tokens`,
  },
  host: {
    title: 'For the host',
    on: 'Interpret this meeting',
    languages: 'Into which languages',
    automatic: 'Automatic: what people choose',
    chosen: 'Only these, when people choose them',
    pictures: 'Look at pictures',
    pictureModes: { off: 'Never', onChange: 'When there is something new', fixed: 'Every 2 seconds' },
    languageSettings: 'How it interprets into',
    languageSettingsLater: 'Whenever somebody chooses that language.',
    voice: 'Voice',
    usualVoice: 'As usual',
    captionsOnly: 'Captions only',
    captionsOnlyHow: 'Nobody hears this language: reading costs less.',
    terms: 'Terms and their translations',
    termsHow: (most: string, characters: number) =>
      `One a line: “term: translation”. At most ${most}, each up to ${characters} characters.`,
    termCount: (n: number) => counted(n, 'term', 'terms'),
    termFaults: {
      noTranslation: (line: number) => `Line ${line} is not of the form “term: translation”.`,
      tooLong: (line: number, characters: number) =>
        `Line ${line} is longer than ${characters} characters on one side.`,
      twice: (line: number) => `The term in line ${line} stands above already.`,
      tooMany: (terms: string, most: string) => `These are ${terms} terms, and ${most} are the most.`,
      more: (n: number) => `And ${counted(n, 'more line', 'more lines')}.`,
    },
    apply: 'Send anew with this',
    budget: (unit: string) => `Budget for a day, in ${unit}`,
    noBudget: 'none',
    tokens: 'tokens',
    set: 'Set',
    people: 'People',
    readers: (n: number) => counted(n, 'caption screen reads along', 'caption screens read along'),
    mute: (name: string) => `Mute ${name}`,
    remove: (name: string) => `Remove ${name}`,
    removeNow: (name: string) => `Really remove ${name}?`,
  },
  door: {
    waitingRoom: 'Let people in one by one',
    waitingRoomHow: 'Who is not a host waits until you let them in.',
    waiting: 'Waiting to be let in',
    waitingHow: 'The host is told that you are here. You come in by yourself as soon as they let you.',
    stopWaiting: 'Wait no longer',
    count: (n: number) => (n === 1 ? 'Somebody waits to be let in' : `${n} people wait to be let in`),
    list: 'Who waits to be let in',
    admit: (name: string) => `Let in ${name}`,
    admitShort: 'Let in',
    admitAll: 'Let all of them in',
    refuse: (name: string) => `Send ${name} away`,
    unseen: 'only listens, unseen',
  },
  transcript: {
    keep: 'Write down what is said',
    keepHow: 'Everyone is told. Off: nothing is written from then on.',
    on: 'The host has switched the transcript on.',
    off: 'The host has switched the transcript off: what is said from now on is not written down.',
    earlier: 'What was said before can still be downloaded, until it is deleted.',
    delete: 'Delete what was written down',
    deleteNow: 'Really delete it?',
    deleteHow: 'All that was written down in this room, in earlier meetings too, is deleted for everyone and for good.',
    deleted: 'The host has deleted what was written down so far.',
    failing:
      "The server's disk takes nothing at present (is it full?). The meeting goes on; what is said now is written down when there is room, or may be missing from the transcript.",
    title: 'What was said',
    search: 'Search',
    found: (n: number) => (n === 0 ? 'Nothing found' : counted(n, 'line found', 'lines found')),
    empty: 'What is said and interpreted will stand here.',
    download: 'Download',
    language: 'Language',
    corrected: 'corrected:',
    refused: 'not translated: refused by the service',
  },
  reasons,
  admin: {
    title: 'Server',
    running: 'running for',
    rooms: 'Rooms',
    noRooms: 'No room is open.',
    people: 'People',
    readers: 'Caption screens',
    open: 'Open for',
    today: 'Cost today',
    free: 'Costs nothing',
    budget: 'Budget for today',
    noBudget: 'No limit',
    budgetLevels: { near: '80 % used', reached: 'used up' },
    interpreter: 'Interpreter',
    interpreterStates: { off: 'None', starting: 'Coming in', on: 'At work', failed: 'Failed' },
    languages: 'Languages',
    endShort: 'End',
    endShortNow: 'Really end it?',
    end: (room: string) => `End the meeting in ${room}`,
    endNow: (room: string) => `Really end the meeting in ${room} for everybody?`,
    restartShort: 'Restart the interpreter',
    restartShortNow: 'Really restart it?',
    restart: (room: string) => `Restart the interpreter in ${room}`,
    restartNow: (room: string) =>
      `Really restart the interpreter in ${room}? Captions and voices pause for some seconds.`,
    webhooks: 'Webhooks',
    webhookStates: { ok: 'Delivering', failing: 'Failing, tried again', disabled: 'Disabled: it answered 410' },
    state: 'State',
    delivered: 'Delivered',
    queued: 'Waiting',
    abandoned: 'Given up',
    enable: 'Send again',
    problems: 'Last problems',
    noProblems: 'The log has told of none.',
    levels: { warn: 'Warning', error: 'Error' },
    reasons: {
      missingToken:
        'This page needs an admin’s link: run “npx booth link --admin” on the server and open what it prints.',
      expiredToken: 'This link has expired. Run “npx booth link --admin” on the server for a new one.',
      badToken: 'This link is not whole. Run “npx booth link --admin” on the server for a new one.',
      forgedToken: 'This link is not of this server. Run “npx booth link --admin” on the server for a new one.',
      revoked: 'This link was revoked. Run “npx booth link --admin” on the server for a new one.',
      forbidden:
        'This link is not an admin’s: it lets people into a room. Run “npx booth link --admin” on the server for one to this page.',
    },
  },
  interpreterStatus: {
    lost: 'Connection lost',
    failed: 'Interpreter failed',
    starting: 'Interpreter is coming in',
    queued: (place: number) => `All interpreters are busy: you are number ${place} in the queue`,
    off: 'No interpreter',
    ready: 'Interpreter is ready',
    states: {
      unavailable: 'not available',
      overBudget: 'paused, over budget',
      reconnecting: 'reconnecting',
      waiting: 'waiting for the service',
      speaking: 'speaking',
      translating: 'translating',
      listening: 'ready',
    },
  },
};

/** The texts that every language has; one that is missing is a type error. */
export type PageTexts = typeof en;
