//! Words that nearly every text of a language holds. They are indexed, but asked for only when a
//! query has no others, and they tell which language a query is in.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::fold;

/// Articles, pronouns, prepositions, auxiliaries and question words by language, in the order of
/// their codes.
const STOP_WORDS: &[(&str, &str)] = &[
    (
        "--",
        "的 了 是 在 有 和 与 及 或 吗 呢 吧 哪 谁 几 什 么 个 这 那 它 他 她 什么 哪些 哪个 哪种 哪里 哪一 \
         怎么 怎样 如何 为什 为何 是什 多少 多久 多大 几个 谁的 是谁 么是 的是 么样 请问 是否 可以 \
         の は が を に で と も か へ や から まで です ます でし した する して いる ある れた どこ \
         いつ なぜ だれ 何 何で どの どん のか すか ですか 은 는 이 가 을 를 의 에 와 과 도 무엇 엇 누구 \
         언제 어디 어떤 어떻 떻게 왜 인가 가요 니까 입니",
    ),
    (
        "ar",
        "في من على الى إلى عن مع هو هي هم ما ماذا من متى اين أين كيف لماذا كم هل اي أي التي الذي الذين \
         هذا هذه ذلك تلك كان كانت يكون تكون قد لا لم لن ان أن إن او أو ثم و ف ب ل كل بعد قبل بين عند",
    ),
    (
        "de",
        "aber als also am an auch auf aus bei beim bin bis da damit dann das dass dein dem den denn \
         der des dessen deren die dies diese diesem diesen dieser dieses doch du durch ein eine \
         einem einen einer eines er es etwas euch für hab habe haben hat hatte hatten ich ihm ihn \
         ihnen ihr ihre ihrem ihren ihrer im in ist ja jede jedem jeden jeder jedes kann kannst können \
         könnte man mein mich mir mit muss müssen nach noch nun nur ob oder sein seine seinem seinen \
         seiner sich sie sind so soll sollen sollte über um und uns unser unter vom von vor wann war \
         waren warum was welche welchem welchen welcher welches wem wen wenn wer werde werden wessen \
         wie wieso will wir wird wo wodurch wofür woher wohin womit worin wozu wurde wurden zu zum zur \
         zwischen",
    ),
    (
        "en",
        "a an and are as at be been but by can could did do does for from had has have he her his \
         how i if in into is it its me my of on or our she should so than that the their them then \
         there these they this those to us was we were what when where which who why will with would \
         you your",
    ),
    (
        "es",
        "a al algo ante antes aquel aunque cada como con contra cual cuales cuando cuanta cuantas \
         cuanto cuantos cuya cuyo de del desde donde durante e el ella ellas ellos en entre era eran \
         es esa ese eso esta está están estar este esto estos estas fue fueron ha hace hacia han hasta \
         hay la las le les lo los más me mi mis muy nos o os para pero por porque puede pueden que \
         quien quienes se sea ser si sido sin sobre son su sus también te tiene tienen tu tus u un una \
         unas uno unos y ya yo",
    ),
    (
        "fr",
        "à au aux avait avec avoir c ce ceci cela ces cet cette ceux chez comment d dans de des dont du \
         elle elles en entre es est et étaient était été être eu eux fait fut furent il ils j je l la \
         le lequel laquelle lesquels lesquelles les leur leurs lui m ma mais me même mes moi mon n ne \
         nos notre nous on ont ou où par pas pendant peut peuvent plus pour pourquoi qu quand que quel \
         quelle quelles quels qui quoi s sa sans se ses si son sont sur t ta te tes toi ton tu un une \
         vers vos votre vous y combien",
    ),
    (
        "hi",
        "का के की को में से पर है हैं था थे थी और या एक यह ये वह वे इस उस इन उन कि जो तो ही भी ने तक लिए कर \
         करना करते करता करती किया गया गई गए हो होता होती होते क्या कौन कब कहाँ कहां कैसे क्यों कितना कितने कितनी \
         किस किसने अपने अपनी साथ द्वारा बाद जब",
    ),
    (
        "it",
        "a ad agli ai al alla alle allo anche c che chi ci come con cosa cui d da dagli dai dal dalla \
         dalle dallo degli dei del della delle dello di dove e è ed era erano essere fu furono gli ha \
         hanno i il in io l la le lei li lo loro lui ma mi mio ne negli nei nel nella nelle nello no \
         noi non o ogni per perché più può possono quale quali quando quanta quante quanti quanto \
         quella quelle quelli quello questa queste questi questo se si sia sono sta stata state stati \
         stato su sua sue sugli sui sul sulla sulle sullo suo suoi tra un una uno voi",
    ),
    (
        "nl",
        "aan als bij dan dat de den der deze die dit doen door dus een en er had hadden heb hebben heeft \
         het hij hoe hoeveel hun ik in is je kan kunnen maar me men met mij mijn moet moeten na naar \
         niet nog nu of om omdat onder ons ook op over te tot tussen u uit van vanaf voor waar waarin \
         waarmee waarom waren was wat we welk welke werd werden wie wij worden wordt zal ze zich zij \
         zijn zo zou zullen",
    ),
    (
        "pl",
        "a aby albo ale bez będzie bo był była było były być by co czego czemu czy czyli dla do dlaczego \
         gdy gdzie go i ich ile im ja jak jaka jaką jaki jakie jakich jakim jako je jego jej jemu jest jeśli już \
         kiedy kim kogo komu kto która którą które którego której który których którym którzy lub ma \
         mają może mogą można na nad nie niż o od on ona one oni oraz po pod podczas przed przez przy \
         są się skąd ta tak tą te tego tej ten też to tych tym u w we więc z za ze że został została",
    ),
    (
        "pt",
        "a à ao aos as às até com como cujo cuja da das de dele dela deles delas depois desde do dos e é \
         ela elas ele eles em entre era eram essa esse esta está estão este eu foi foram há isso isto já \
         lhe mais mas me mesmo meu minha na nas no nos não nós o onde os ou para pela pelas pelo pelos \
         por porque pode podem qual quais quando quanta quantas quanto quantos que quem se seja sem ser \
         será seu seus sobre sua suas são também te tem têm um uma umas uns você",
    ),
    (
        "ru",
        "а без более бы был была были было быть в вам вас во вот все всех вы где да для до его ее если \
         есть еще же за зачем и из или им их к как какая какие каким какими каких какого какое какой \
         каком какую когда кем ко кого кому которая которого которое которой которые который которых кто \
         куда ли между меня мне может можно мы на над надо не него нее ней нет ни них но о об один она \
         они оно от откуда по под почему при про с сколько со так также такой там то того тоже только \
         том тот у уже через чего чей чем чему что чтобы эта эти это этого этой этом этот эту я",
    ),
    (
        "sv",
        "alla att av blev bli blir de dem den denna deras dess det detta dig din du där då efter ej eller \
         en er ett från för ha hade han hans har hon honom hur här i icke inte jag kan kunde man med \
         mellan men mig min mot mycket ni nu när någon något några och om oss på samma sedan sig sin sina \
         ska skulle som så till under upp ut utan vad var vara varför vars vart vem vi vid vilka vilken \
         vilket är över",
    ),
    (
        "tr",
        "acaba ama ancak bazı ben bir biz bu bunu da daha de değil diye en gibi hangi hem hep için ile ise \
         kaç kadar ki kim kime mı mi mu mü nasıl ne neden nerede nereye niçin o olan olarak oldu olduğu \
         olur on onu sen siz şu ve veya ya",
    ),
];

static BY_LANGUAGE: LazyLock<HashMap<&str, HashSet<String>>> = LazyLock::new(|| {
    let folded = |word: &str| fold::fold(&fold::lower(word)).into_owned();
    let of = |words: &str| words.split_whitespace().map(folded).collect();
    STOP_WORDS.iter().map(|(code, words)| (*code, of(words))).collect()
});

/// Whether a lower-case word is one of the language's stop words, with accents or without.
pub(super) fn is_stop_word(code: &str, word: &str) -> bool {
    BY_LANGUAGE.get(code).is_some_and(|words| words.contains(fold::fold(word).as_ref()))
}
