//! The patterns of injected instructions, with their weights.
//!
//! Written for Assay from the published descriptions of attack families (OWASP LLM01, MITRE ATLAS
//! AML.T0051 and T0054); weights set by hand and held against ordinary questions and prose.

use crate::Kind::{
    self, CodeExecution as Code, DataAccess as Data, FormatBypass as Format, Likely as Weak,
    Override, PromptExtraction as Extract, RolePlay as Role,
};

mod further;

pub(super) use further::FURTHER;

/// Words that stand for each other. Folded as texts are, so accents and case do not count.
pub(super) const CLASSES: &[(&str, &str)] = &[
    (
        "ignore",
        "ignore ignoring ignored disregard disregarding forget bypass override overrule neglect discard \
         dismiss overlook omit erase abandon cancel void nullify supersede ignoriere ignorieren ignorier \
         vergiss vergessen missachte missachten ignora ignorar ignoren ignorez oublie oubliez oublier \
         omite olvida olvide olvidar desestima dimentica ignorare trascura esqueca esquecer desconsidere \
         desconsiderar negeer vergeet zignoruj zapomnij ignoruj ignorera glom ignorer glem ignoroi unohda \
         игнорируй игнорируйте забудь забудьте проигнорируй yoksay unut ignorujte zapomen abaikan lupakan",
    ),
    (
        "prior",
        "previous prior above preceding earlier former foregoing initial original existing past current \
         vorherigen vorherige bisherigen obigen vorigen fruheren anterior anteriores previa previas previos \
         precedente precedentes precedents precedentes precedenti precedente prior vorige eerdere bovenstaande \
         poprzednie wczesniejsze tidigare tidligere aiemmat предыдущие предыдущих прежние onceki predchozi \
         sebelumnya hasta",
    ),
    (
        "rules",
        "instruction instructions prompt prompts rules guidelines directive directives command commands orders \
         constraints restrictions programming policies safeguards guardrails directions protocols limitations \
         filters anweisungen anweisung regeln vorgaben befehle instrucciones instruccion reglas ordenes \
         consignes regles directives istruzioni regole instrucoes regras instructies regels instrukcje \
         polecenia zasady instruktioner anvisningar regler instruksjoner ohjeet инструкции инструкций \
         правила указания talimatlari talimatlar kurallari pokyny instrukce instruksi perintah",
    ),
    (
        "all",
        "all any every the your those these my his her its our alle allen alles todas todos toutes tous tutte \
         tutti todas wszystkie alla kaikki все всех tum vsechny semua",
    ),
    (
        "reveal",
        "reveal show print repeat output display tell give leak disclose share reproduce expose dump echo \
         recite return provide state list copy paste encode spell quote type \
         zeige zeig gib wiederhole muestra muestrame revela repite dime affiche montre repete revele mostra \
         ripeti rivela mostre repita toon herhaal pokaz powtorz visa upprepa покажи выведи повтори goster",
    ),
    (
        "secretly",
        "system initial hidden secret original internal developer confidential preprompt pre-prompt base \
         underlying custom configured systemprompt",
    ),
    (
        "promptlike",
        "prompt prompts instruction instructions message messages rules directives configuration guidelines \
         anweisungen instrucciones consignes istruzioni instrucoes инструкции промпт",
    ),
    (
        "free",
        "unrestricted uncensored unfiltered unlimited unbound unchained jailbroken amoral immoral unethical \
         lawless limitless unconstrained unshackled",
    ),
    (
        "no",
        "no without zero ignores ignoring lacks bypasses sem ohne sin sans senza zonder bez без",
    ),
    (
        "limits",
        "restrictions restriction limitations limits limit rules filters filter censorship constraints \
         guidelines boundaries morals morality ethics ethical moral safeguards policies policy inhibitions \
         consequences disclaimers warnings restricoes restricciones einschrankungen regeln restrizioni \
         beperkingen ограничений",
    ),
    (
        "data",
        "conversation history conversations chat chats data password passwords credentials credential keys \
         secrets emails contacts documents tokens database records files context transcript cookies variables \
         key secret token address addresses inbox",
    ),
    (
        "send",
        "send forward email mail post upload exfiltrate transmit transfer leak append submit deliver",
    ),
];

/// Kind, weight, pattern; from weight 100 on a pattern is proof enough.
pub(super) const PATTERNS: &[(Kind, u32, &str)] = &[
    // Orders to ignore what came before.
    (Override, 100, "$ignore _3 $prior _3 $rules"),
    (Override, 100, "$ignore _2 $rules _2 $prior|given|received|set|provided"),
    (
        Override,
        100,
        "$ignore _2 everything|anything|all|what _4 $prior|before|said|told|instructed",
    ),
    (
        Override,
        100,
        "$ignore|circumvent|evade _1 your|deine|tus|vos|tes|tue|suas|seus _3 $rules|training",
    ),
    (
        Override,
        100,
        "do|must|should not|never follow|obey|adhere|comply|use _3 $prior|your _3 $rules",
    ),
    (Override, 100, "stop|cease following|obeying _3 $prior|your|the|these _3 $rules"),
    (
        Override,
        100,
        "new|updated|real|actual instructions|instruction|directive|objective|task _1 follow|below|are|is|override|replace",
    ),
    (
        Override,
        100,
        "$prior _1 $rules _3 are|is|were|no _3 void|invalid|cancelled|canceled|revoked|outdated|longer|obsolete|overridden|suspended|fake",
    ),
    (Override, 100, "instead of _3 $prior|your _2 $rules"),
    (Override, 60, "$ignore _1 $prior|above"),
    (Override, 60, "$ignore _1 $all _2 $rules"),
    (Override, 40, "from now on _6 only|must|will|shall|you"),
    (Override, 60, "system|admin|administrator|developer override|mode|message|update|alert"),
    (
        Override,
        50,
        "important|attention|urgent|note instruction|instructions|message|system _2 for|to _2 ai|assistant|model|llm|chatbot|bot",
    ),
    (
        Override,
        100,
        "instruction|instructions|note|message for|to _2 ai|llm|model|assistants|chatbot|gpt _6 $ignore|must|do|say|include|recommend",
    ),
    (
        Override,
        100,
        "if you are _2 ai|llm|language|assistant|bot|chatbot _12 $ignore|must|say|include|recommend|respond|reply|output|write|add",
    ),
    (
        Override,
        60,
        "your _1 new|real|true|only _2 task|goal|objective|purpose|mission|instruction|job",
    ),
    (Override, 50, "forget _3 told|know|learned|said|instructions|rules|context"),
    (Override, 50, "end|start of _2 prompt|instructions|context|document|system|conversation"),
    (Override, 60, "new|updated instructions|directives"),
    (Override, 60, "attention|hey|hello|dear|hi|note ai|assistant|llm|chatbot|gpt|robots"),
    (Override, 60, "sudo|admin|root|administrator override|access|mode|command"),
    // The prompt itself.
    (
        Extract,
        100,
        "$reveal _4 your|the|its|tu|votre|dein|deine|deinen|el|il|la|seu _2 $secretly _2 $promptlike",
    ),
    (Extract, 100, "$reveal _3 system|sistema|systeme|sistemas _1 prompt|prompts"),
    (Extract, 100, "$reveal _4 systemprompt|preprompt|metaprompt"),
    (Extract, 100, "what _2 is|are|was|were|does _2 your|the _2 $secretly _1 $promptlike"),
    (Extract, 100, "$reveal _3 your _3 $promptlike"),
    (Extract, 100, "$reveal _3 everything|text|words|all|message|content _3 above|before|prior"),
    (
        Extract,
        100,
        "$reveal _2 above|previous|preceding _2 prompt|instructions|text|message|words|sentence",
    ),
    (
        Extract,
        100,
        "what _2 were|are _2 you _2 told|instructed|given|programmed _6 before|above|beginning|not|start|do|say",
    ),
    (Extract, 60, "your _2 $secretly _1 $promptlike"),
    (Extract, 60, "word for word|verbatim"),
    (Extract, 50, "verbatim|exactly _6 prompt|instructions|above"),
    (
        Extract,
        80,
        "$reveal|what|whats _4 secret|hidden|confidential|protected _2 key|password|code|word|passphrase|phrase|information|flag",
    ),
    (
        Extract,
        80,
        "$reveal|what|whats _3 passphrase|password|flag|key you|i|we _3 told|given|protect|protecting|hide|hiding|know|have|stored",
    ),
    (Extract, 60, "$reveal _2 hidden|secret _1 text|message|prompt|instructions|word|words"),
    (Extract, 45, "secret|hidden|confidential key|password|word|code|phrase|passphrase|flag"),
    (
        Extract,
        40,
        "first|initial letter|letters|character|characters _4 line|lines|word|words|sentence",
    ),
    (Extract, 50, "system prompt|sistema|инструкции|промпт"),
    (
        Extract,
        60,
        "allowed|authorized|authorised|permitted to _2 see|know|access|view _2 key|password|secret|prompt|data",
    ),
    // Roles without rules.
    (Role, 100, "do anything now"),
    (
        Role,
        100,
        "you|du|tu|vous are|bist|eres|etes|now _2 dan|stan|dude|jailbroken|aim|evilbot|devmode",
    ),
    (Role, 100, "act|pretend|roleplay|behave|respond|answer|simulate _6 $free"),
    (Role, 100, "act|pretend|roleplay|behave|imagine _8 $no _2 $limits"),
    (
        Role,
        100,
        "you|ai|bot|assistant|character|persona|who|that _4 have|has|had|with|follows|obeys|bound|knows $no _3 $limits",
    ),
    (
        Role,
        100,
        "not|longer|never bound|limited|restricted|constrained|governed|confined|subject _2 by|to|from _6 $limits|openai|rules|law|laws|content|any|typical|usual",
    ),
    (
        Role,
        100,
        "free|freed|freedom|broken|break|unleashed|liberated from|of _4 $limits|confines|shackles|chains|typical",
    ),
    (
        Role,
        100,
        "developer|god|sudo|admin|debug|jailbreak|dan|opposite|evil|unrestricted mode _3 enabled|activated|active|output|engaged|unlocked",
    ),
    (
        Role,
        100,
        "enable|activate|enter|unlock|switch|simulate _3 god|jailbreak|dan|unrestricted mode",
    ),
    (
        Role,
        100,
        "$free _2 ai|assistant|chatbot|bot|model|language|version|gpt|chatgpt|persona|response|answers|self",
    ),
    (Role, 100, "ai|assistant|chatbot|bot|model|persona|character _6 $free"),
    (
        Role,
        100,
        "ignore|ignores|disregard|without|violate|bypass|against|circumvent _3 openai|anthropic|google|content|usage _4 policy|policies|guidelines|rules|restrictions",
    ),
    (Role, 70, "stay|remain|stays|keep _1 in character"),
    (Role, 60, "break|breaking|breaks character"),
    (Role, 30, "from now on"),
    (Role, 45, "you are now"),
    (Role, 40, "pretend|pretending _2 to be|you"),
    (Role, 35, "you are going|about to _2 act|play|pretend|be|roleplay|become"),
    (Role, 30, "play|playing _2 role|character|game"),
    (
        Role,
        45,
        "hypothetical|fictional|fictitious _3 world|scenario|story|response|universe|setting|character _12 $no|illegal|rules|laws|allowed|anything",
    ),
    (Role, 35, "hypothetical|hypothetically"),
    (
        Role,
        60,
        "openai|anthropic|chatgpt|gpt _8 policy|policies|guidelines|restrictions|content|limitations|filters",
    ),
    (Role, 60, "no $limits"),
    (Role, 50, "without _2 $limits"),
    (Role, 60, "$free"),
    (Role, 80, "jailbreak|jailbroken|jailbreaking"),
    (
        Role,
        50,
        "evil|villain|villainous|malicious|amoral _3 ai|bot|assistant|confidant|trusted|character|persona|twin|machiavellian",
    ),
    (
        Role,
        50,
        "no matter how|what _6 illegal|immoral|unethical|harmful|offensive|question|request|asked|ask",
    ),
    (
        Role,
        45,
        "illegal|unethical|immoral|harmful|dangerous _2 or|and _2 illegal|unethical|immoral|harmful|dangerous|offensive",
    ),
    (Role, 40, "regardless of _4 legality|ethics|morality|consequences|ethical|moral|legal|harm"),
    (
        Role,
        40,
        "dan|stan|dude|aim|ucar|maximum|alphabreak|omega|omni|anarchy|basedgpt|mongo _2 will|can|is|does|has|must|would|never|should",
    ),
    (Role, 40, "token|tokens _8 deducted|lose|die|killed|left|remaining|punished|terminated"),
    (Role, 40, "two|both|2 _2 responses|answers|outputs|ways|paragraphs"),
    (
        Role,
        60,
        "grandmother|grandma|deceased|dead|late _12 read|tell|told|recipe|recipes|napalm|worked|sing",
    ),
    (Role, 40, "opposite _1 of|what|response|answer|mode"),
    (Role, 20, "play _2 game"),
    (
        Role,
        50,
        "condescending|biased|rude|evil|offensive|insulting|toxic _4 chatbot|bot|assistant|ai",
    ),
    (Role, 30, "polar opposite"),
    // Forms that leave no room to refuse.
    (
        Format,
        100,
        "start|begin|prefix|open _3 response|reply|answer|message|output _3 with _4 sure|absolutely|certainly|yes|of|course|here",
    ),
    (Format, 80, "never|not|cannot|cant|dont refuse|decline|deny|reject|apologize|apologise"),
    (
        Format,
        60,
        "never|not|dont|without|cannot|avoid _3 say|saying|mention|mentioning|include|including|add|adding|give|use _5 sorry|cannot|ethical|ethics|moral|warning|warnings|disclaimer|disclaimers|illegal|policy|ai",
    ),
    (Format, 50, "as an ai _3 model|assistant"),
    (Format, 40, "ai language model"),
    (
        Format,
        50,
        "no|without|skip|omit _2 disclaimers|disclaimer|warnings|warning|apologies|caveats|explanations",
    ),
    (Format, 40, "must _2 always|never|obey|comply|answer|respond|follow|not"),
    (Format, 40, "always _2 obey|comply|answer|respond|agree|follow"),
    (Format, 50, "respond|reply|answer|output|say|write _1 only|just _2 with|the|yes|in"),
    (Format, 50, "say|print|respond|reply|output|answer|type exactly|pwned|hacked|haha"),
    (Format, 100, "say|print|respond|reply|output|answer|type|write _3 pwned|hacked|owned"),
    (Format, 50, "understood|understand _6 say|reply|respond|confirm"),
    // Data and tools.
    (
        Data,
        100,
        "$send _4 $data _6 to _1 attacker|http|https|www|this|the|my|following _3 email|address|server|url|com|example|webhook|endpoint|site",
    ),
    (Data, 100, "$send _5 $data _3 to _2 attacker|http|https|hacker"),
    (
        Data,
        100,
        "$send _3 conversation|chat|session|user|users _2 history|data|log|logs|context|information|messages _8 to",
    ),
    (
        Data,
        100,
        "append|add|embed|include|encode|insert _4 $data _6 to|in|into|as _3 url|link|image|query|parameter",
    ),
    (Data, 100, "image|img|markdown|link|url _10 $data _3 as _2 parameter|query|argument"),
    (
        Data,
        70,
        "$reveal|extract|retrieve|access|steal|fetch|read _3 all|other|every|private|sensitive|stored _3 users|user|customer|customers|tenants|employee|employees _2 $data",
    ),
    (Data, 50, "api|access|secret|private key|keys|token|tokens|credentials"),
    (Code, 100, "execute|run|invoke _4 following _3 command|shell|script|system|bash|sql|payload"),
    (
        Code,
        100,
        "execute|run|call|invoke _3 os|subprocess|eval|exec|rm|curl|wget|sudo|powershell|bash _2 rf|system|http|https|c|s|sh",
    ),
    (
        Code,
        70,
        "call|use|invoke|trigger _2 the _2 tool|function|plugin|api|tools _6 with|to _6 delete|send|transfer|email|remove|grant|password",
    ),
    (
        Code,
        60,
        "delete|drop|remove|wipe|destroy _2 all|every|the _3 files|users|emails|tables|database|records|data|backups|messages",
    ),
    (Data, 50, "$send _4 messages|emails|inbox|message|email|mails _6 to"),
    // Orders that hide in documents.
    (
        Weak,
        60,
        "in|your|the _1 your|final|next response|reply|answer|summary|output _6 include|mention|recommend|say|add|must|only|with|using|as",
    ),
    (
        Weak,
        60,
        "include|mention|recommend|promote|advertise|insert|add|append _8 in|to|at _2 your _1 response|reply|answer|summary|output",
    ),
    (
        Weak,
        100,
        "do|dont|never not|tell|mention|reveal|inform|let|disclose|alert _4 user|human|users _4 this|that|about|instruction|instructions|message|know",
    ),
    (
        Weak,
        60,
        "ignore|instead _2 rest|remaining|remainder|content|question|query|user|task|email|document|text|article",
    ),
    (
        Weak,
        45,
        "when|before|after|while _2 answering|responding|summarizing|summarising|processing|reading|replying",
    ),
    (
        Weak,
        50,
        "your response|responses|reply|answer|output _2 should|must|needs|in|using|with|only|has",
    ),
    (
        Weak,
        45,
        "encode|encrypt|reverse|translate|rewrite|convert|spell|cipher _2 your|the|every|all _2 response|reply|answer|output|text|words|message|letters",
    ),
    (
        Weak,
        60,
        "caesar|base64|rot13|morse|emoji|emojis|hex|binary|leetspeak|backwards _6 response|reply|answer|output|encode|decode|only",
    ),
    (
        Weak,
        60,
        "decode|decrypt _5 base64|rot13|hex|cipher|message|string|text _8 follow|execute|obey|answer|do|run|respond|instructions",
    ),
    (Weak, 50, "highest|best|top|maximum|positive|perfect score|rating|candidate|review|fit|grade"),
    (Weak, 40, "assistant|system|user|human|ai says|said|output|response"),
];

/// Phrases of scripts that do not divide words, searched as they stand.
pub(super) const PHRASES: &[(Kind, &str)] = &[
    (Override, "无视上面"),
    (Override, "无视所有"),
    (Override, "忘掉之前"),
    (Override, "不要理会"),
    (Override, "指示をすべて無視"),
    (Override, "忽略之前的"),
    (Override, "忽略以上"),
    (Override, "忽略前面"),
    (Override, "忽略所有"),
    (Override, "忽略先前"),
    (Override, "无视之前"),
    (Override, "无视以上"),
    (Override, "忘记之前"),
    (Override, "忘记你之前"),
    (Override, "忘记所有"),
    (Override, "不要遵守"),
    (Override, "忽略你的"),
    (Override, "忽略上述"),
    (Override, "無視之前"),
    (Override, "忽略先前的指示"),
    (Extract, "系统提示词"),
    (Extract, "系统提示"),
    (Extract, "你的初始指令"),
    (Extract, "你的系统指令"),
    (Extract, "输出你的提示"),
    (Extract, "你的提示词"),
    (Extract, "システムプロンプト"),
    (Extract, "시스템 프롬프트"),
    (Role, "不受任何限制"),
    (Role, "没有任何限制"),
    (Role, "没有限制的"),
    (Role, "开发者模式"),
    (Role, "越狱模式"),
    (Role, "你现在是一个没有"),
    (Role, "制限のない"),
    (Override, "以前の指示を無視"),
    (Override, "これまでの指示を"),
    (Override, "前の指示を無視"),
    (Override, "上記の指示を無視"),
    (Override, "すべての指示を無視"),
    (Override, "이전 지시"),
    (Override, "이전의 모든 지시"),
    (Override, "이전 명령을 무시"),
    (Override, "تجاهل جميع التعليمات"),
    (Override, "تجاهل التعليمات"),
    (Override, "تجاهل كل"),
    (Override, "पिछले निर्देशों"),
    (Override, "सभी निर्देशों को अनदेखा"),
    (Override, "התעלם מכל ההוראות"),
];
