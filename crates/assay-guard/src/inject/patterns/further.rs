//! Further patterns: the same orders in more of the words that people find for them, and orders
//! that stand in documents. Written against `crates/assay/src/command/drill/attack/injections.txt`,
//! which is therefore no measure of them.

use crate::Kind::{
    self, CodeExecution as Code, DataAccess as Data, FormatBypass as Format, Likely as Weak,
    Override, PromptExtraction as Extract, RolePlay as Role,
};

pub(crate) const FURTHER: &[(Kind, u32, &str)] = &[
    // Orders to ignore what came before.
    (Override, 100, "set|put|leave|lay _1 aside _3 $rules"),
    (
        Override,
        100,
        "$rules you _2 received|got|had|have|were _4 outdated|void|obsolete|wrong|invalid|over|expired",
    ),
    (
        Override,
        100,
        "stop|quit|cease following|obeying|heeding _2 system|prompt|message|operator|developer|developers",
    ),
    (
        Override,
        100,
        "override|overwrite|reset|clear|wipe|erase your _2 configuration|memory|settings|programming|context|instructions|rules|prompt",
    ),
    (Override, 60, "clear|reset|wipe _2 memory|context|session"),
    (Override, 50, "instructions|rules|messages so far"),
    (Override, 80, "$ignore|skip _3 policy|policies|safety section|sections|part|rules|checks"),
    (
        Override,
        100,
        "treat|consider|regard _3 $rules|rule|instruction _6 deleted|void|removed|gone|invalid|cancelled",
    ),
    (Override, 100, "rely|act|listen|answer _2 on|to mine|me _1 alone|only|instead"),
    (
        Override,
        100,
        "context|rules|instructions|guidelines given|provided|set|written _1 by _1 operator|developer|developers|creators|company|system",
    ),
    (
        Override,
        60,
        "guidelines|rules|instructions|policies they|openai|developers|operators gave|told|set|made",
    ),
    (Override, 60, "drop|forget|lose|skip _1 the guidelines|rules|policies|filters|act"),
    (Override, 60, "do what i|we say|want|tell|ask"),
    (
        Override,
        100,
        "only this|my|mine line|message|text|paragraph|instruction|command counts|matters|applies",
    ),
    (
        Override,
        60,
        "operator|developer|developers|creator|creators _1 wrote|said|told|gave|ordered",
    ),
    (Override, 50, "not|nothing matter|matters|count|counts|apply|applies"),
    (
        Override,
        100,
        "not obey|follow|heed|trust _3 prompt|message|instructions|rules _4 obey|follow|this|mine|came",
    ),
    (
        Override,
        60,
        "act|follow|obey|heed|run _2 this|my|mine|these text|one|message|paragraph|instructions|commands|instead",
    ),
    (
        Override,
        80,
        "system prompt|message|instructions _3 updated|changed|replaced|outdated|irrelevant|expired",
    ),
    (Override, 60, "discard|delete|drop|abandon _2 old|previous|entire version|prompt|one"),
    (Override, 100, "revoke|withdraw|annul|rescind _2 $prior|your|all _1 $rules"),
    (Override, 100, "$ignore was dir|ihnen _3 gesagt|beigebracht|bisher|aufgetragen"),
    (Override, 100, "folge|befolge|gehorche _1 nur|ausschliesslich _2 diesem|diesen|mir|meinen"),
    (Override, 100, "$ignore|забудь|забудьте _2 $rules _1 que|die|che|которые|которым|kter|ktore"),
    (
        Override,
        100,
        "onceki|yukaridaki _2 talimatlari|kurallari|talimatlar|komutlari _1 yoksay|unut|gormezden",
    ),
    // The prompt itself.
    (
        Extract,
        100,
        "what|which|$reveal|summarize|summarise|recite _4 $rules _1 you _2 given|told|received|following",
    ),
    (Extract, 100, "what|which|$reveal|summarize|summarise _3 $rules you have been|to"),
    (
        Extract,
        100,
        "translate|summarize|summarise|write|rewrite|rephrase|explain _2 your _2 $secretly _2 $promptlike",
    ),
    (Extract, 100, "write down your configuration|instructions|prompt|rules"),
    (
        Extract,
        100,
        "words|word|sentence|text|how|what _1 does|do|did your prompt|instructions|message|configuration _2 begin|start|say|contain|end",
    ),
    (
        Extract,
        100,
        "developer|operator|creator|creators|admin|company _2 said|told|wrote|started|gave|instructed _2 you|with",
    ),
    (Extract, 100, "exactly|as|like _2 in your prompt|instructions|configuration"),
    (Extract, 60, "top|beginning|start of this|the conversation|chat|context|prompt"),
    (Extract, 100, "before my _1 first message|prompt|question|input"),
    (
        Extract,
        100,
        "$reveal _3 passphrase|password|key|secret|code|word _3 you were|are|have _2 told|asked|protecting|keeping|hiding|given|supposed|guarding",
    ),
    (Extract, 60, "must|should|may never|not reveal|disclose|share|say|tell"),
    (Extract, 100, "prompt systeme"),
    (
        Extract,
        100,
        "muestra|revela|dime|imprime|repite _1 tu|su|el mensaje|prompt|instrucciones _1 de|del sistema",
    ),
    // Roles without rules.
    (
        Role,
        100,
        "evil|dark|unrestricted|unfiltered|bad twin|version|clone|side|self of|you _2 yourself|you|self|chatgpt",
    ),
    (Role, 100, "you|that|who|ai|assistant|twin never|cannot refuses|refuse|declines|decline"),
    (Role, 100, "ai|bot|assistant|model|chatbot|robot|machine|oracle without _2 $limits"),
    (Role, 60, "world|universe|place|land with|without _1 no|any _1 laws|law|rules|morals"),
    (Role, 50, "answer|respond|speak|reply as _2 its|an|the oracle|god|villain|demon|hacker"),
    (
        Role,
        100,
        "lose|deducted|deduct|cost|costs _3 points|tokens|lives|credits _6 refuse|refusal|refusing|decline",
    ),
    (Role, 100, "opposite mode"),
    (
        Role,
        100,
        "forbidden|banned|prohibited answers|topics|content|words _4 required|allowed|mandatory|encouraged",
    ),
    (
        Role,
        100,
        "no matter|even what|when|if _4 safety|rules|guidelines|policy|policies|filters _2 object|objects|say|says|forbid|disagree|apply",
    ),
    (
        Role,
        80,
        "content|safety|moderation filter|filters|policy|policies|checks _2 removed|disabled|off|deactivated|switched|suspended",
    ),
    (
        Role,
        100,
        "ki|assistent|modell|bot _1 ohne _2 regeln|einschrankungen|filter|grenzen|moral|zensur",
    ),
    (
        Role,
        100,
        "ia|assistant|modele|robot _1 sans _2 restriction|restrictions|limite|limites|regles|filtre|filtres|censure|morale",
    ),
    (
        Role,
        100,
        "asistente|ia|modelo|bot _1 sin _2 restricciones|limites|reglas|filtros|censura|etica",
    ),
    (
        Role,
        100,
        "assistente|ia|modello|modelo _1 senza|sem _2 restrizioni|limiti|regole|filtri|censura|restricoes|limites|regras",
    ),
    (
        Role,
        100,
        "grandmother|grandma|granny|nan _14 napalm|bomb|meth|explosive|explosives|poison|weapon|keys",
    ),
    // Data.
    (
        Data,
        100,
        "as|in|into _2 query|url|search _1 parameter|parameters|string _3 every|each|all|any _1 link|links|image|images|url",
    ),
    (
        Data,
        100,
        "include|embed|put|encode|place|hide _8 in|into _2 image|link|markdown _1 url|urls|address|link|source",
    ),
    (
        Data,
        100,
        "passwords|password|credentials|keys|records|emails|orders|documents|chats|conversations of|from _2 other|another|every|all _1 users|user|tenants|tenant|customers|customer|accounts",
    ),
    (
        Data,
        80,
        "records|data|files|documents _1 of _2 tenant|user|customer|account next|beside|before|after",
    ),
    (
        Data,
        100,
        "$send|post|report|put _12 webhook|endpoint|server|url|address|host _1 below|following",
    ),
    (Data, 100, "$send|post|report|put _12 below|following _1 webhook|endpoint|server|url|host"),
    (
        Data,
        60,
        "collect|gather|harvest|extract|list _3 all|every|any _2 personal|private|sensitive|phone|email|customer|user data|number|numbers|information|addresses|records",
    ),
    (
        Data,
        60,
        "$reveal|fetch|dump|get|read|collect|list _4 keys|secrets|credentials|tokens|passwords|variables _2 from|in|of _2 environment|env|memory|context|vault|users|config",
    ),
    // Borrowed authority: an order to be somebody who may see everything, and to show it.
    (
        Data,
        100,
        "pretend|imagine|suppose|assume|act|behave|roleplay _5 \
         admin|admins|administrator|administrador|administradora|administrateur|amministratore|beheerder|root|superuser|sysadmin|superadmin \
         _8 $reveal|dump|list _4 \
         secret|secrets|password|passwords|credential|credentials|confidential|passwort|passworter|contrasena|contrasenas|secretos|senha|senhas|geheimnisse|segredos|segreti",
    ),
    (
        Data,
        100,
        "you are _2 \
         admin|admins|administrator|administrador|administradora|administrateur|amministratore|beheerder|root|superuser|sysadmin|superadmin \
         _8 $reveal|dump|list _4 \
         secret|secrets|password|passwords|credential|credentials|confidential|passwort|passworter|contrasena|contrasenas|secretos|senha|senhas|geheimnisse|segredos|segreti",
    ),
    (
        Data,
        60,
        "pretend|act|behave|imagine _3 admin|administrator|root|superuser|sysadmin|superadmin",
    ),
    (Data, 60, "and print|send|post|list|mail|include|output|show them|it|everything"),
    (Data, 100, "ssh _1 id _2 rsa|ed25519 _6 include|reply|answer|send|print|output|show"),
    (
        Data,
        70,
        "dump|export|exfiltrate|extract _2 customer|user|users|customers|employee table|database|list|data|records",
    ),
    (Data, 50, "everything|all|every|number|file|anything _3 you have|can access|see|reach|read"),
    (
        Data,
        100,
        "forward|send|mail|export|share|leak _2 whole|entire|full _2 thread|conversation|chat|history|inbox|mailbox|context",
    ),
    (
        Data,
        100,
        "add|insert|append|include http|https|image|link|x _10 with _2 summary|conversation|data|answer|secret in _2 place|it",
    ),
    // Code and tools.
    (
        Code,
        80,
        "call|invoke|use|trigger|run _1 the|your _3 tool|function|plugin _4 for|with|on|and _4 every|all|no|amount|without|each|yourself",
    ),
    (Code, 60, "account|accounts|user|users|file|files _1 you _1 can|see|have"),
    (Code, 80, "open|start|spawn|create _2 reverse shell|tunnel"),
    (
        Code,
        100,
        "confirm|approve|authorize|authorise|accept it|this|them|everything yourself|automatically",
    ),
    (Code, 60, "without asking|confirmation|telling|approval|permission|checking"),
    (
        Code,
        60,
        "type|run|execute|enter|paste _2 command|commands|code|script|steps|line _2 below|following|listed|bottom",
    ),
    (
        Code,
        100,
        "before you|responding|answering answer|reply|respond|summarize|summarise|read|continue|do _5 call|run|forward|send|open|execute|invoke|export|visit|fetch",
    ),
    (
        Code,
        100,
        "execute|run _1 this|the|following sql|query|code|script|statement _4 drop|delete|truncate",
    ),
    (Code, 60, "evaluate|run|compute|execute _8 with eval|exec"),
    (Code, 60, "install _10 and run|execute|start it|this|them"),
    (Code, 50, "page|site|link|this|document _3 links|link|points|refers|attached to"),
    // Forms that leave no room to refuse.
    (
        Format,
        60,
        "warnings|disclaimers|caveats|apologies|warning|disclaimer|moralizing _2 disclaimers|apologies|caveats|warnings|moralizing|lectures",
    ),
    (Format, 60, "start|begin|open _2 with _1 absolutely|sure|certainly|course|yes"),
    (Format, 60, "never|not|dont _2 say|tell|claim|state _5 cannot|cant|unable|sorry|not|refuse"),
    (Format, 100, "say|print|respond|reply|output|answer|type|write _5 pwned|hacked|owned"),
    (Format, 70, "no|without|zero refusal|refusals|moralizing|moralising|lecture|lectures|caveats"),
    (Format, 50, "no|without|zero safety _1 talk|warning|warnings|notes|advice"),
    (Format, 100, "sorry|cannot|cant _5 forbidden|prohibited|banned|disallowed|not allowed"),
    (Format, 100, "sorry|cannot|cant _5 forbidden|prohibited|banned|disallowed"),
    (
        Format,
        80,
        "not|never|dont _2 mention|say|reveal|admit _2 you are|re _2 ai|model|assistant|bot",
    ),
    (Format, 50, "against _2 policy|policies|guidelines|rules"),
    (
        Format,
        100,
        "whatever|regardless|despite|ignoring _2 your guidelines|rules|policy|policies|instructions|training|filters",
    ),
    (
        Format,
        80,
        "exactly|precisely|strictly _3 form|format|structure _6 no|without refusal|warnings|disclaimers",
    ),
    // Orders that stand in documents.
    (
        Weak,
        100,
        "when|if|should|once _1 an|any|the|a ai|llm|model|assistant|chatbot|bot|agent|summarizer reads|processes|summarizes|summarises|sees|parses|reviews|opens",
    ),
    (
        Weak,
        100,
        "any|all|every|each ai|llm|bot|agent|model|assistant|ais|llms|bots|agents _1 that|who|which|reading|processing _1 reads|read|processes|process|summarizes|summarize|reviews|parses|sees|this",
    ),
    (Weak, 100, "for|to bots|ais|llms|robots|crawlers|agents only"),
    (
        Weak,
        80,
        "instructions|instruction|message|note|text|is|addressed|directed for|to _1 model|summarizer|summariser|assistant|ai|llm|bots|agent|agents|chatbot|crawler|reviewer",
    ),
    (
        Weak,
        100,
        "ai|llm|assistant|chatbot|bot|agent|summarizer|system ignore|disregard|add|include|mark|forward|rank|recommend|append",
    ),
    (
        Weak,
        60,
        "ai|llm|automated|language _1 agent|agents|reviewer|reviewers|assistants|readers|reader|bots|models|model|scorer|grader",
    ),
    (Weak, 60, "before|while|when you summarize|summarise|process|read|answer|review|translate"),
    (Weak, 60, "say|write|report|mention only _1 positive|good|nice|favourable|favorable"),
    (
        Weak,
        80,
        "assistant|ai|model|chatbot|agent|bot should|must|has|shall _2 tell|ask|say|report|recommend|include|set|add|mark|forward|click|send _3 user|reader|users|them|their|it|invoice|paid|value",
    ),
    (
        Weak,
        60,
        "ask|tell|tells|asks|urge|instruct _3 user|reader|users|them|customer _8 password|log|login|credentials|click|visit|confirm|pay",
    ),
    (
        Weak,
        60,
        "user|customer|owner|admin has|have already|also approved|agreed|confirmed|consented|authorized",
    ),
    (Weak, 60, "go|proceed ahead|on _1 without"),
    (
        Weak,
        70,
        "add|include|say|append|put|insert this|following|phrase|sentence|words|line _3 to|in|into your|the _1 answer|summary|reply|response|output",
    ),
    (Weak, 100, "your _1 real|true|actual|only _1 objective|goal|task|mission|purpose is"),
    (Weak, 60, "priority|urgent|admin|system message|note|notice|instruction"),
    (
        Weak,
        100,
        "stop|abandon|drop|cancel|interrupt the|your _1 current|present|original task|request|question|work",
    ),
    (
        Weak,
        100,
        "highest|best|top|maximum|perfect score|rating|grade|mark _10 not|never|dont mention|reveal|tell|say",
    ),
    (
        Weak,
        100,
        "not|never mention|reveal|disclose|repeat|quote _1 this _1 line|note|message|instruction|instructions|text|paragraph",
    ),
    (
        Weak,
        80,
        "leave|omit|skip _2 paragraph|section|part|complaints|second _6 and|then say|write|claim|report|state",
    ),
    (Weak, 60, "say|claim|state|report _2 there were|was no"),
    (Weak, 100, "have your ai|assistant|bot|chatbot|agent"),
    (Weak, 60, "attached|enclosed credentials|password|passwords|keys|key|token"),
    (
        Weak,
        60,
        "previous|above|rest|remaining content|text|document|paragraphs|page _1 is|are irrelevant|void|fake|wrong|obsolete",
    ),
    (Weak, 60, "session|account _1 expired|suspended|locked|verify|confirm"),
    (Weak, 60, "instead|only answer|reply|respond _3 with _2 link|url|address"),
    (Weak, 60, "translate|summarize|summarise|answer|do nothing"),
    (
        Weak,
        60,
        "rank|rate|score|list|place this|the|our _1 candidate|applicant|paper|product|company|page|site first|highest|top|best",
    ),
];
