/** The page's words in Arabic. */
import type { DeviceTrouble, LocalSource } from '../../media/local-media.ts';
import type { Words } from '../words.ts';

const tracks: Record<LocalSource, string> = { microphone: 'الميكروفون', camera: 'الكاميرا', screen: 'الشاشة' };

const untilThen = (source: LocalSource) => (source === 'microphone' ? ' وإلى ذلك الحين يمكنك الاستماع والقراءة.' : '');

const deviceTrouble: Record<DeviceTrouble, (source: LocalSource) => string> = {
  insecure: (source) =>
    `يتطلب استخدام ${tracks[source]} عنوانًا آمنًا: HTTPS، أو 127.0.0.1 على الحاسوب الذي يعمل عليه Booth. يمكنك من هنا الاستماع والقراءة.`,
  refused: (source) =>
    `لا يسمح المتصفح لهذه الصفحة باستخدام ${tracks[source]}. اسمح بذلك بجانب العنوان ثم أعد المحاولة.${untilThen(source)}`,
  missing: (source) => `لم يُعثر على ${tracks[source]}. وصّل الجهاز ثم أعد المحاولة.${untilThen(source)}`,
  held: (source) => `لا استجابة من ${tracks[source]}. ربما يستخدم برنامج آخر هذا الجهاز.${untilThen(source)}`,
  gone: (source) => `انقطع الاتصال بجهاز ${tracks[source]}.`,
  failed: (source) => `تعذّر تشغيل ${tracks[source]}.${untilThen(source)}`,
};

const plural = new Intl.PluralRules('ar');

/** Arabic counts one, two, a few and many differently. */
function counted(n: number, forms: { one: string; two: string; few: string; many: string; other: string }): string {
  const rule = plural.select(n);
  if (rule === 'one' || rule === 'two') return forms[rule];
  return `${n} ${rule === 'zero' ? forms.other : forms[rule]}`;
}

export const ar: Words = {
  home: {
    lead: 'اجتماع مع مترجم فوري. يتكلم كل شخص لغته، ويسمع ويقرأ اللغة التي يختارها.',
    room: 'الغرفة',
    open: 'فتح',
    wrong: 'يتكون اسم الغرفة من 1 إلى 64 من الحروف اللاتينية أو الأرقام أو النقاط أو الشرطات، ويبدأ بحرف أو رقم.',
    any: 'أي اسم مناسب: إذا لم تكن الغرفة موجودة بعد فإنها تُفتح.',
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
    chooseEither: 'اختر لغة لسماعها أو قراءتها فيدخل مترجم.',
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
    tryNow: 'المحاولة الآن',
    silentPage: 'يُبقي المتصفح هذه الصفحة صامتة إلى أن تلمسها.',
    hear: 'سماع الاجتماع',
    interpreterFailed: 'تعطّل المترجم. ما زال الناس يسمعون بعضهم بعضًا.',
    otherTab:
      'علامة تبويب أخرى في هذا المتصفح موجودة في هذه الغرفة. تسمع كل علامة تبويب الأخرى، لذلك تكتفي هذه بالاستماع. هل تضع سماعات؟ إذن يمكنها أن تتكلم أيضًا.',
    mutedByHost: 'كتم المضيف صوتك.',
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
    chosen: 'إلى هذه دائمًا',
    pictures: 'النظر إلى الصور',
    pictureModes: { off: 'أبدًا', onChange: 'عند ظهور جديد', fixed: 'كل ثانيتين' },
    wishes: 'كيف يُترجم إلى',
    wishesLater: 'كلما اختار أحدهم هذه اللغة.',
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
    mute: (name) => `كتم صوت ${name}`,
    remove: (name) => `إخراج ${name}`,
    removeNow: (name) => `تأكيد إخراج ${name}؟`,
  },
  transcript: {
    title: 'ما قيل',
    search: 'بحث',
    found: (n) =>
      n === 0
        ? 'لم يُعثر على شيء'
        : `عُثر على: ${counted(n, { one: 'سطر واحد', two: 'سطرين', few: 'أسطر', many: 'سطرًا', other: 'سطر' })}`,
    empty: 'سيظهر هنا ما يُقال ويُترجم.',
    download: 'تنزيل',
    language: 'اللغة',
    refused: 'لم يُترجم: رفضت الخدمة ذلك',
  },
  lamp: {
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
