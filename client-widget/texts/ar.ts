/** What the widgets say in Arabic. */
import type { Refusals, Texts } from './es.ts';

export const texts: Texts = {
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
  'Connection lost. Coming back by itself …': 'انقطع الاتصال. سيعود تلقائيًّا …',
  'Captions could not be loaded: reload the page.': 'تعذّر تحميل الترجمة المكتوبة: أعد تحميل الصفحة.',
  'Sound could not be loaded: reload the page.': 'تعذّر تحميل الصوت: أعد تحميل الصفحة.',
  'This address is not that of a room.': 'هذا العنوان ليس عنوان غرفة.',
  'This is not a token.': 'هذا ليس رمز دخول.',
  'The token for this room is not accepted any more.': 'لم يعد رمز الدخول إلى هذه الغرفة مقبولًا.',
};

/** Why something did not work, by the server's codes. */
export const reasons = {
  unreachable: 'تعذّر الوصول إلى الخادم. هل يعمل؟',
  unsupported:
    'هذا المتصفح لا يستطيع إرسال الصوت أو استقباله كما تفعل الاجتماعات. افتح الصفحة في إصدار حديث من Chrome أو Edge أو Firefox أو Safari.',
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
  tooManyWaiting: 'ينتظر كثيرون بالفعل. حاول مجددًا بعد دقائق.',
  notAdmitted: 'يسمح المضيف بدخول هذه الغرفة واحدًا واحدًا. ادخلها أولًا وانتظر السماح لك.',
  revoked: 'سُحبت هذه الدعوة. اطلب دعوة جديدة من المضيف.',
  expiredToken: 'انتهت صلاحية هذه الدعوة. اطلب دعوة جديدة من المضيف.',
  badToken: 'هذه الدعوة ناقصة. انسخ الرابط كاملًا أو اطلب دعوة جديدة من المضيف.',
  forgedToken: 'هذه الدعوة ليست من هذا الخادم. اطلب دعوة جديدة من المضيف.',
  wrongRoom: 'هذه الدعوة لغرفة أخرى. اطلب من المضيف دعوة إلى هذه الغرفة.',
  inviteNeeded: 'دخول هذه الغرفة بدعوة. اطلب رابطًا من المضيف.',
};

/** What the server would say to who builds a page, for who reads it. */
const refusals: Refusals = {
  forbidden: 'هذا الرابط لا يسمح بالقراءة أو الاستماع هنا.',
  missingToken: 'ينقص ما يسمح بالدخول: اطلب رابطًا من المضيف.',
  invalid: 'تطلب الصفحة شيئًا ليس لدى هذا الخادم.',
  tooMany: 'يقرأ هنا أكبر عدد ممكن من الأشخاص. تُعاد المحاولة تلقائيًّا …',
};

export const all = { ...reasons, ...refusals, ...texts };
