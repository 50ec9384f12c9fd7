/** Arabic: what the widgets and the meeting page show. A bundle that imports one part does not carry the other. */
import type { AccessErrors, DeviceName, PageTexts } from './en.ts';
import type { WidgetTexts } from './es.ts';

export const widgetTexts: WidgetTexts = {
  Captions: 'الترجمة المكتوبة',
  'Captions appear here when somebody speaks.': 'يظهر هنا ما يُقال عندما يتكلم أحد.',
  'Language and size': 'اللغة والحجم',
  'corrected:': 'تصحيح:',
  'not translated: refused by the service': 'لم يُترجم: رفضت الخدمة ذلك',
  Smaller: 'أصغر',
  Larger: 'أكبر',
  'Move to the bottom': 'نقل إلى الأسفل',
  'Move to the top': 'نقل إلى الأعلى',
  'What was said before': 'ما قيل من قبل',
  Language: 'اللغة',
  Original: 'الأصل',
  Translation: 'الترجمة',
  Interpretation: 'الترجمة الفورية',
  Hear: 'استماع',
  Loudness: 'شدة الصوت',
  'Turn the sound on': 'تشغيل الصوت',
  'The browser waits for a tap before it plays sound.': 'ينتظر المتصفح لمسة قبل تشغيل الصوت.',
  'A machine translates, and the voice is synthetic.': 'الترجمة آلية، والصوت مولّد آليًّا.',
  'Balance from the original to its translation': 'التوازن بين الأصل وترجمته',
  'translation % dB above the original': 'الترجمة أعلى من الأصل بمقدار % ديسيبل',
  'Original later by': 'تأخير الأصل',
  '% s': '% ث',
  '% seconds': '% ثانية',
  'This browser cannot delay it.': 'لا يستطيع هذا المتصفح تأخيره.',
  'At most % s here, and sound comes to it slowly.': '% ث هنا على الأكثر، ويبلغها الصوت تدريجيًّا.',
  Listen: 'استماع',
  'Stop listening': 'إيقاف الاستماع',
  'QR code': 'رمز QR',
  'This page as a QR code': 'هذه الصفحة كرمز QR',
  'Point another phone at it to read and listen there.': 'وجّه إليه هاتفًا آخر للقراءة والاستماع عليه.',
  'It works on this computer. For phones in your network, start Booth with':
    'يعمل على هذا الحاسوب. للهواتف في شبكتك، شغّل Booth مع',
  'There is no translation into % here: only what is said in it is shown.':
    'لا ترجمة هنا إلى هذه اللغة (%): لا يظهر إلا ما يُقال بها.',
  'Connecting …': 'جارٍ الاتصال …',
  'Waiting to be let in …': 'في انتظار السماح بالدخول …',
  'There is no voice in this language here.': 'لا صوت هنا بهذه اللغة.',
  'Waiting for the interpreter …': 'في انتظار المترجم …',
  'Interpreter is reconnecting …': 'المترجم يعيد الاتصال …',
  'Still translating …': 'ما زالت الترجمة جارية …',
  'Some speech was skipped.': 'أُسقط بعض الكلام.',
  'Interpretation is paused: over budget.': 'الترجمة متوقفة: نفدت الميزانية.',
  'Interpretation is not available.': 'الترجمة غير متاحة.',
  'A firewall or this network blocks the sound. Other ways are being tried.':
    'جدار حماية أو هذه الشبكة تحجب الصوت. تُجرَّب طرق أخرى.',
  'Connection lost. Coming back by itself …': 'انقطع الاتصال. سيعود تلقائيًّا …',
  'Captions could not be loaded: reload the page.': 'تعذّر تحميل الترجمة المكتوبة: أعد تحميل الصفحة.',
  'The language could not be changed.': 'تعذّر تغيير اللغة.',
  'Sound could not be loaded: reload the page.': 'تعذّر تحميل الصوت: أعد تحميل الصفحة.',
  'This address is not that of a room.': 'هذا العنوان ليس عنوان غرفة.',
  'This is not a token.': 'هذا ليس رمز دخول.',
  'The token for this room is not accepted any more.': 'لم يعد رمز الدخول إلى هذه الغرفة مقبولًا.',
};

/** Why something did not work, by the server's error codes; the page and the widgets show these alike. */
export const reasons = {
  unreachable: 'تعذّر الوصول إلى الخادم. هل يعمل؟',
  unsupported:
    'هذا المتصفح لا يستطيع تشغيل صوت الاجتماع (ليس فيه WebRTC). الترجمة المكتوبة مستمرة. للاستماع افتح هذه الصفحة في إصدار حديث من Chrome أو Edge أو Firefox أو Safari.',
  timeout: 'الخادم لا يجيب.',
  lost: 'انقطع الاتصال بالغرفة.',
  closed: 'انقطع الاتصال بالغرفة.',
  goingAway: 'يُعاد تشغيل الخادم.',
  internal: 'تعطّل الخادم: سجلّه يبيّن السبب.',
  unauthorized: 'انتهت صلاحية إذنك لهذه الغرفة.',
  replaced: 'دخلت من مكان آخر، فغادرت هذه الصفحة الغرفة.',
  removed: 'أخرجك المضيف من هذه الغرفة.',
  denied: 'لم يسمح لك المضيف بالدخول.',
  waitedTooLong: 'لم يسمح لك أحد بالدخول حتى الآن. حاول لاحقًا أو اسأل المضيف.',
  expired: 'انتهى إذن دخولك إلى هذه الغرفة. اطلب دعوة جديدة من المضيف.',
  tooManyWaiting: 'ينتظر كثيرون بالفعل. حاول مجددًا بعد دقائق.',
  tooManyLanguages: 'تُترجم هذه الغرفة إلى أكبر عدد ممكن من اللغات. اختر لغة يسمعها أو يقرؤها آخرون.',
  notAdmitted: 'يسمح المضيف بدخول هذه الغرفة واحدًا واحدًا. ادخلها أولًا وانتظر السماح لك.',
  revoked: 'سُحبت هذه الدعوة. اطلب دعوة جديدة من المضيف.',
  expiredToken: 'انتهت صلاحية هذه الدعوة. اطلب دعوة جديدة من المضيف.',
  badToken: 'هذه الدعوة ناقصة. انسخ الرابط كاملًا أو اطلب دعوة جديدة من المضيف.',
  forgedToken: 'هذه الدعوة ليست من هذا الخادم. اطلب دعوة جديدة من المضيف.',
  wrongRoom: 'هذه الدعوة لغرفة أخرى. اطلب من المضيف دعوة إلى هذه الغرفة.',
  inviteNeeded:
    'دخول هذه الغرفة بدعوة: اطلب رابطًا من المضيف. إذا كنت تدير هذا الخادم فافتح الرابط الذي ظهر في الطرفية، أو نفّذ «npx booth link» للحصول على رابط جديد.',
  signInExpired:
    'استُخدم هذا الرابط من قبل أو مضى عليه أكثر من ساعة. إذا كنت تدير هذا الخادم فنفّذ «npx booth link» للحصول على رابط جديد، وإلا فاطلب دعوة من المضيف.',
  signedOut:
    'لم يعد هذا المتصفح مسجّل الدخول. إذا كنت تدير هذا الخادم فافتح الرابط الذي ظهر في الطرفية، أو نفّذ «npx booth link» للحصول على رابط جديد.',
};

/** Error codes whose English is addressed to developers, worded for the people who read captions. */
const accessErrors: AccessErrors = {
  forbidden: 'هذا الرابط لا يسمح بالقراءة أو الاستماع هنا.',
  missingToken: 'ينقص ما يسمح بالدخول: اطلب رابطًا من المضيف.',
  invalid: 'تطلب الصفحة شيئًا ليس لدى هذا الخادم.',
  tooMany: 'يقرأ هنا أكبر عدد ممكن من الأشخاص. تُعاد المحاولة تلقائيًّا …',
};

/** Everything that a widget looks up: texts by their English, errors by their code. */
export const widgetTable = { ...reasons, ...accessErrors, ...widgetTexts };

const deviceNames: Record<DeviceName, string> = { microphone: 'الميكروفون', camera: 'الكاميرا', screen: 'الشاشة' };

const untilThen = (source: DeviceName) => (source === 'microphone' ? ' وإلى ذلك الحين يمكنك الاستماع والقراءة.' : '');

const deviceTrouble: PageTexts['device']['trouble'] = {
  insecure: (source) =>
    `يتطلب استخدام ${deviceNames[source]} عنوانًا آمنًا: HTTPS، أو 127.0.0.1 على الحاسوب الذي يعمل عليه Booth. يمكنك من هنا الاستماع والقراءة.`,
  refused: (source) =>
    `لا يسمح المتصفح لهذه الصفحة باستخدام ${deviceNames[source]}. اسمح بذلك بجانب العنوان ثم أعد المحاولة.${untilThen(source)}`,
  missing: (source) => `لم يُعثر على ${deviceNames[source]}. وصّل الجهاز ثم أعد المحاولة.${untilThen(source)}`,
  held: (source) => `لا استجابة من ${deviceNames[source]}. ربما يستخدم برنامج آخر هذا الجهاز.${untilThen(source)}`,
  gone: (source) =>
    `انقطع الاتصال بجهاز ${deviceNames[source]}، ويعود من تلقاء نفسه عند توصيله مجددًا.${untilThen(source)}`,
  failed: (source) => `تعذّر تشغيل ${deviceNames[source]}.${untilThen(source)}`,
};

const plural = /* @__PURE__ */ new Intl.PluralRules('ar');

/** Arabic counts one, two, a few and many differently. */
function counted(n: number, forms: { one: string; two: string; few: string; many: string; other: string }): string {
  const rule = plural.select(n);
  if (rule === 'one' || rule === 'two') return forms[rule];
  return `${n} ${rule === 'zero' ? forms.other : forms[rule]}`;
}

export const pageTable: PageTexts = {
  home: {
    lead: 'اجتماع مع مترجم فوري. يتكلم كل شخص لغته، ويسمع ويقرأ اللغة التي يختارها.',
    room: 'الغرفة',
    open: 'فتح',
    wrong: (rule) => `لا يمكن استخدام هذا الاسم. ${rule}`,
    rule: 'يتكون الاسم من 1 إلى 64 من الحروف اللاتينية من a إلى z أو الأرقام أو النقاط أو الشرطات أو الشرطات السفلية، ويبدأ بحرف أو رقم.',
    any: (rule) => `إذا لم تكن الغرفة موجودة بعد فإنها تُفتح. ${rule}`,
    demoBefore: 'لسماع مترجم أثناء عمله أولًا، شغّل',
    demoAfter: 'وافتح الرابط الذي يظهر.',
  },
  stopped: {
    unreachable: 'تعذّر الوصول إلى Booth',
    replaced: 'لقد غادرت هذه الغرفة',
    removed: 'لم تعد في هذه الغرفة',
    refused: 'لم يعد يُسمح لك بالدخول',
    again: 'فتح الغرفة من جديد',
  },
  page: { language: 'لغة هذه الصفحة', close: 'إغلاق', putAway: 'إخفاء هذا', again: 'إعادة المحاولة' },
  lobby: {
    guest: 'ضيف',
    devices: 'الكاميرا والميكروفون',
    name: 'الاسم',
    speak: 'أتكلم',
    hear: 'استماع',
    read: 'أقرأ',
    synthetic: 'قد يكون الصوت الذي تسمعه مولّدًا آليًّا.',
    kept: (hours) =>
      `يُدوَّن ما يُقال ويُحفظ لمدة ${counted(hours, { one: 'ساعة', two: 'ساعتين', few: 'ساعات', many: 'ساعة', other: 'ساعة' })}.`,
    keptUnless: 'يمكن للمضيف إيقاف ذلك.',
    notKept: 'لا يُدوَّن ما يُقال.',
    join: 'انضمام',
    joining: 'جارٍ الانضمام…',
    ownPicture: 'صورة كاميرتك كما سيراها الآخرون',
    asking: 'جارٍ طلب الميكروفون من المتصفح…',
    muted: 'صوتك مكتوم.',
    asleep: 'انقر في أي مكان لمعرفة ما إذا كان الميكروفون يعمل.',
    saySomething: 'قل شيئًا: ينبغي أن يتحرك الشريط.',
    silent: 'لا صوت منذ 5 ثوانٍ.',
    silentHow: (label) =>
      `قل شيئًا. إن لم يتحرك شيء فتأكد من أن «${label}» هو الميكروفون الصحيح، وأنه ليس مكتومًا على الجهاز نفسه.`,
    otherTab: 'أنت في هذه الغرفة في علامة تبويب أخرى.',
    otherTabHow: 'تسمع كل علامة تبويب الأخرى، لذلك تكتفي هذه بالاستماع. هل تضع سماعات؟ إذن يمكنها أن تتكلم أيضًا.',
    microphoneAnyway: 'تشغيل الميكروفون على أي حال',
    notUnderstood: (language, offline) =>
      `${offline ? 'المحرك المحلي لا يفهم' : 'المحرك لا يفهم'} هذه اللغة (${language}): سيسمعك الآخرون، لكن لن يترجم أحد ما تقوله.`,
    left: 'لقد غادرت الاجتماع.',
    leftHow: 'يمكن تنزيل ما قيل الآن، ولاحقًا لكل من يُسمح له بدخول الغرفة.',
  },
  device: {
    trouble: deviceTrouble,
    microphone: 'الميكروفون',
    camera: 'الكاميرا',
    speaker: 'مكبر الصوت',
    usual: 'جهاز النظام',
    unnamed: (number) => `الجهاز ${number}`,
    settings: 'الإعدادات',
    level: 'مستوى الميكروفون',
    mute: 'كتم الصوت',
    unmute: 'إلغاء الكتم',
    mutedBySystem: 'الميكروفون مكتوم من النظام أو من الجهاز نفسه، ولن يسمعك أحد حتى يُلغى الكتم هناك.',
    cameraOff: 'إيقاف الكاميرا',
    cameraOn: 'تشغيل الكاميرا',
    share: 'مشاركة',
    shareHow: 'مشاركة شاشة',
    stopSharing: 'إيقاف المشاركة',
  },
  choice: {
    original: 'الأصل',
    both: (language) => `الأصل + ${language}`,
    bothHeading: 'الأصل والترجمة',
    captionsOnly: 'نص فقط',
    off: 'لا شيء',
    listenOnly: 'أستمع فقط',
    notInterpreted: 'تُسمع ولا تُترجم هنا',
    hear: 'استماع',
    read: 'قراءة',
  },
  meeting: {
    label: 'الاجتماع',
    controls: 'أدوات التحكم',
    people: 'الأشخاص في هذه الغرفة',
    captions: 'الترجمة المكتوبة',
    captionsHere: 'سيظهر هنا ما يقوله الناس.',
    chooseEither: 'اختر لغة لسماعها أو قراءتها فيُترجم إليها ما يقوله الناس.',
    chooseRead: 'اختر ما تريد قراءته فيظهر هنا.',
    leave: 'مغادرة',
    leaveHow: 'مغادرة الغرفة',
  },
  keys: {
    title: 'المفاتيح',
    mute: 'كتم الصوت أو إلغاء الكتم',
    camera: 'تشغيل الكاميرا أو إيقافها',
    hear: 'اختيار ما تسمعه',
    read: 'اختيار ما تقرؤه',
    captions: 'حجم النص',
    transcript: 'ما قيل حتى الآن',
    list: 'هذه القائمة',
  },
  tile: {
    you: (name) => `${name} (أنت)`,
    picture: (name) => `صورة ${name}`,
    screen: (name) => `شاشة ${name}`,
    muted: 'الصوت مكتوم',
    speaking: 'يتكلم الآن',
    stillListening: (n) => `ما زال يستمع: ${n}`,
    notInterpreted: (language) => `لا تُترجم هنا: ${language}`,
    unwilling: 'لا يرغب في ترجمة كلامه',
  },
  trouble: {
    comingBack: 'سيعود الاتصال تلقائيًّا، ويبقى ما قيل هنا.',
    firefoxOnLoopback: 'لا يمرّر Firefox الصوت والصورة على هذا العنوان الخاص بالحاسوب نفسه.',
    firefoxHow:
      'لم يكن لهذا الحاسوب عنوان آخر حين بدأ Booth. الترجمة المكتوبة مستمرة. للسماع والتحدث صِله بشبكة وشغّل Booth من جديد، أو افتح هذه الصفحة في Chrome أو Edge أو Chromium.',
    unreachable: 'لا يصل صوت ولا صورة: يبدو أن جدار حماية أو هذه الشبكة تحجبهما، ولا يسمعك أحد.',
    unreachableHow:
      'الترجمة المكتوبة مستمرة، وتُجرَّب طرق أخرى باستمرار. جرّب شبكة أخرى، كشبكة هاتف. ويستطيع من يدير الخادم أن يفتح منافذ الصوت لك أو أن يوفّر خادم TURN.',
    tryNow: 'المحاولة الآن',
    accessEnds: (time) => `ينتهي إذن دخولك إلى هذه الغرفة الساعة ${time}. اطلب دعوة جديدة من المضيف.`,
    mediaLost: 'لا يصل الصوت ولا الصورة في هذه اللحظة، ولا يسمعك أحد. تُجرَّب طرق أخرى.',
    unheard: (seconds) =>
      `انقطع الاتصال نحو ${counted(seconds, { one: 'ثانية واحدة', two: 'ثانيتين', few: 'ثوانٍ', many: 'ثانية', other: 'ثانية' })}. ما قلته حينها لم يُسمع: قله مجددًا.`,
    silentPage: 'يُبقي المتصفح هذه الصفحة صامتة إلى أن تلمسها.',
    hear: 'سماع الاجتماع',
    interpreterFailed: 'تعطّل المترجم، ويعيد Booth المحاولة تلقائيًا. ما زال الناس يسمعون بعضهم بعضًا.',
    notAvailable: 'الترجمة غير متاحة.',
    captionsMissing: 'تعذّر نشر بعض الترجمات المكتوبة.',
    budget: 'ميزانية الترجمة:',
    otherTab:
      'علامة تبويب أخرى في هذا المتصفح موجودة في هذه الغرفة. تسمع كل علامة تبويب الأخرى، لذلك تكتفي هذه بالاستماع. هل تضع سماعات؟ إذن يمكنها أن تتكلم أيضًا.',
    mutedByHost: 'كتم المضيف صوتك.',
    youAreTooQuiet: 'نكاد لا نسمعك. اقترب من الميكروفون أو ارفع صوته.',
    isTooQuiet: (name) => `يكاد المترجم لا يسمع ${name}.`,
    seemsToSpeak: (language) => `يبدو أنك تتكلم ${language}.`,
    change: (language) => `التغيير إلى ${language}`,
    keep: (language) => `الإبقاء على ${language}`,
  },
  invite: {
    first: 'أنت أول الحاضرين.',
    how: 'يدخل الآخرون بهذا الرابط:',
    inviteHow: 'دعوة آخرين',
    link: 'رابط هذه الغرفة',
    copy: 'نسخ',
    copied: 'تم النسخ',
    code: 'الرابط نفسه كرمز QR',
    localBefore: 'يعمل الرابط على هذا الحاسوب. للآخرين في شبكتك، شغّل Booth مع',
    revoke: 'سحب هذه الدعوة',
    revokeNow: 'هل تسحبها فعلًا؟',
    revokeHow: 'لن يدخل أحد بعد الآن برابط أعطيته من هنا، ومن دخل به يغادر الغرفة.',
    revoked: 'سُحبت الدعوة: لم يعد أحد يدخل بها.',
    revokeAll: 'سحب كل ما أُعطي حتى الآن',
    revokeAllNow: 'هل تسحبه كله فعلًا؟',
    revokeAllHow:
      'لن يدخل أحد بعد الآن برابط أو تصريح أعطيته لهذه الغرفة حتى الآن، ولا بما نشأ عنه، ومن دخل بذلك يغادر الغرفة.',
    another: 'إنشاء دعوة جديدة',
    ask: 'اطلب من منظّم هذا الاجتماع دعوة الآخرين.',
    demoBefore: 'أو استمع إلى مترجم أثناء عمله:',
    demoAfter: 'يعرض رابط غرفة فيها صوت مسجّل.',
  },
  interpreter: {
    title: 'المترجم',
    refuse: 'لا تترجموا كلامي',
    refuseHow: 'لا يستمع أي مترجم إلى ميكروفوني.',
    looks: 'ليفهم على نحو أفضل، ينظر المترجم أيضًا إلى كاميرا المتكلم وشاشته المشتركة.',
    shown: (n) =>
      `حتى الآن: ${counted(n, { one: 'صورة واحدة', two: 'صورتان', few: 'صور', many: 'صورة', other: 'صورة' })}.`,
    refusePictures: 'لا صور لي',
    refusePicturesHow: 'لا ينظر أي مترجم إلى كاميرتي أو شاشتي.',
    list: 'ما يُترجم',
    listeners: (n) => counted(n, { one: 'مستمع واحد', two: 'مستمعان', few: 'مستمعين', many: 'مستمعًا', other: 'مستمع' }),
    span: (seconds) => `بعد المتكلم بـ ${seconds} ث`,
    behind: (seconds) => `تأخر ${seconds} ث`,
    perHour: (voice, captions) => `ساعة من كلام شخص واحد إلى لغة واحدة: ${voice} مع الصوت، و${captions} للقراءة فقط.`,
    soFar: (cost) => `اليوم حتى الآن: ${cost}`,
    tokens: (n) => `${n} رمز`,
  },
  host: {
    title: 'للمضيف',
    on: 'ترجمة هذا الاجتماع',
    languages: 'إلى أي لغات',
    automatic: 'تلقائيًّا: ما يختاره الناس',
    chosen: 'إلى هذه فقط، عندما يختارها الناس',
    pictures: 'النظر إلى الصور',
    pictureModes: { off: 'أبدًا', onChange: 'عند ظهور جديد', fixed: 'كل ثانيتين' },
    languageSettings: 'كيف يُترجم إلى',
    languageSettingsLater: 'كلما اختار أحدهم هذه اللغة.',
    voice: 'الصوت',
    usualVoice: 'كالمعتاد',
    captionsOnly: 'نص فقط',
    captionsOnlyHow: 'لا يسمع أحد هذه اللغة: القراءة أقل كلفة.',
    terms: 'مصطلحات وترجماتها',
    termsHow: (most, characters) =>
      `مصطلح في كل سطر: «مصطلح: ترجمة». العدد الأقصى ${most}، وطول كل منها ${characters} حرف على الأكثر.`,
    termCount: (n) => counted(n, { one: 'مصطلح واحد', two: 'مصطلحان', few: 'مصطلحات', many: 'مصطلحًا', other: 'مصطلح' }),
    termFaults: {
      noTranslation: (line) => `السطر ${line} ليس على صيغة «مصطلح: ترجمة».`,
      tooLong: (line, characters) => `في السطر ${line} أكثر من ${characters} حرف في أحد الجانبين.`,
      twice: (line) => `المصطلح في السطر ${line} مذكور أعلاه.`,
      tooMany: (terms, most) => `عدد المصطلحات ${terms}، والحد الأقصى ${most}.`,
      more: (n) =>
        `و${counted(n, { one: 'سطر آخر', two: 'سطران آخران', few: 'أسطر أخرى', many: 'سطرًا آخر', other: 'سطر آخر' })}.`,
    },
    apply: 'إرسال مترجم من جديد هكذا',
    budget: (unit) => `ميزانية اليوم (${unit})`,
    noBudget: 'بلا حد',
    tokens: 'رموز',
    set: 'تعيين',
    people: 'الأشخاص',
    readers: (n) =>
      `يقرأ أيضًا: ${counted(n, { one: 'شاشة ترجمة واحدة', two: 'شاشتا ترجمة', few: 'شاشات ترجمة', many: 'شاشة ترجمة', other: 'شاشة ترجمة' })}`,
    mute: (name) => `كتم صوت ${name}`,
    remove: (name) => `إخراج ${name}`,
    removeNow: (name) => `تأكيد إخراج ${name}؟`,
  },
  door: {
    waitingRoom: 'إدخال الأشخاص واحدًا واحدًا',
    waitingRoomHow: 'من ليس مضيفًا ينتظر حتى تسمح له بالدخول.',
    waiting: 'في انتظار السماح بالدخول',
    waitingHow: 'أُبلغ المضيف بوجودك. ستدخل تلقائيًا حالما يسمح لك.',
    stopWaiting: 'إنهاء الانتظار',
    count: (n: number) => (n === 1 ? 'شخص ينتظر الدخول' : `عدد المنتظرين للدخول: ${n}`),
    list: 'من ينتظر الدخول',
    admit: (name: string) => `السماح بدخول ${name}`,
    admitShort: 'السماح',
    admitAll: 'السماح بدخول الجميع',
    refuse: (name: string) => `رفض دخول ${name}`,
    unseen: 'يستمع فقط دون أن يُرى',
  },
  transcript: {
    keep: 'تدوين ما يُقال',
    keepHow: 'يُبلَّغ الجميع. عند الإيقاف لا يُكتب شيء بعد ذلك.',
    on: 'شغّل المضيف تدوين ما يُقال.',
    off: 'أوقف المضيف التدوين: ما يُقال من الآن لا يُكتب.',
    earlier: 'ما قيل من قبل يمكن تنزيله حتى يُحذف.',
    delete: 'حذف ما كُتب',
    deleteNow: 'هل تحذفه فعلًا؟',
    deleteHow: 'يُحذف كل ما كُتب في هذه الغرفة، وفي الاجتماعات السابقة أيضًا، للجميع ونهائيًا.',
    deleted: 'حذف المضيف ما كُتب حتى الآن.',
    failing:
      'لا يقبل قرص الخادم شيئًا الآن (هل امتلأ؟). يستمر الاجتماع، ويُكتب ما يقال الآن حين تتوفر مساحة، أو قد ينقص من النص.',
    title: 'ما قيل',
    search: 'بحث',
    found: (n) =>
      n === 0
        ? 'لم يُعثر على شيء'
        : `عُثر على: ${counted(n, { one: 'سطر واحد', two: 'سطرين', few: 'أسطر', many: 'سطرًا', other: 'سطر' })}`,
    empty: 'سيظهر هنا ما يُقال ويُترجم.',
    download: 'تنزيل',
    language: 'اللغة',
    corrected: 'تصحيح:',
    refused: 'لم يُترجم: رفضت الخدمة ذلك',
  },
  reasons,
  interpreterStatus: {
    lost: 'انقطع الاتصال',
    failed: 'تعطّل المترجم',
    starting: 'المترجم في طريقه إلى الدخول',
    off: 'لا مترجم',
    ready: 'المترجم جاهز',
    states: {
      unavailable: 'غير متاح',
      overBudget: 'متوقف، نفدت الميزانية',
      reconnecting: 'جارٍ إعادة الاتصال',
      waiting: 'بانتظار الخدمة',
      speaking: 'يتكلم',
      translating: 'يترجم',
      listening: 'جاهز',
    },
  },
};
