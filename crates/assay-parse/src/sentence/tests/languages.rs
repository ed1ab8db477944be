//! Hard sentences of fourteen languages. `¦` marks where one ends and the next begins.

use super::super::sentences;

#[track_caller]
fn check(cases: &[&str]) {
    for case in cases {
        let expected: Vec<&str> = case.split('¦').map(str::trim).collect();
        let text = expected.join(" ");
        let got: Vec<&str> = sentences(&text).iter().map(|range| range.of(&text)).collect();
        assert_eq!(got, expected, "{case}");
    }
}

/// As [`check`], for scripts without spaces between sentences.
#[track_caller]
fn check_joined(cases: &[&str]) {
    for case in cases {
        let expected: Vec<&str> = case.split('¦').collect();
        let text = expected.concat();
        let got: Vec<&str> = sentences(&text).iter().map(|range| range.of(&text)).collect();
        assert_eq!(got, expected, "{case}");
    }
}

#[test]
fn english() {
    check(&[
        "Dr. J. R. Smith paid $3.50 to Acme Inc. on Jan. 5, 2024.¦He left at 5 p.m. with Mrs. Lee.",
        "Version v1.2.3 ships today.¦It fixes no. 7 and no. 12.",
        "Write to a.b@mail.example.com or see www.example.com/a.b.¦We answer within 2.5 days.",
        "“Is it true?” she asked.¦“Yes!”¦He nodded.",
        "The U.S. Army left.¦The U.K. stayed, e.g. in Cyprus.",
        "He was born in 1990.¦25 people came.",
        "We measured 1,000.50 m (see Fig. 3).¦Then we stopped...¦Why?",
        "The author J. K. Rowling wrote vol. 3.¦Take vitamin C.¦It helps.",
        "Wait… what?¦I don't know.",
    ]);
}

#[test]
fn german() {
    check(&[
        "Das gilt z. B. für Dr. Müller, d. h. ab dem 3. Mai 2024.¦Danach nicht mehr.",
        "Das gilt z.B. Die Frist endet am 31. Dezember.¦Gem. § 5 Abs. 2 Nr. 3 BGB ist das so.",
        "Im 19. Jahrhundert lebten hier ca. 1.000,50 Einheiten pro Kopf.¦Heute sind es mehr.",
        "Er kaufte Äpfel, Birnen usw.¦Dann ging er.",
        "„Halt!“¦Er blieb stehen.¦„Wer da?“, rief er.",
        "Prof. Dr. phil. Dipl.-Ing. Anna Weiß kam.¦Sie hielt den 2. Vortrag.",
        "Der Preis stieg um 3,5 Mio. Euro.¦Das war 1990.¦Wir zahlten bar.",
        "Ludwig XIV. war König.¦Seit dem XIX. Jahrhundert ist das vorbei.",
        "Siehe S. 5 ff. und Kap. IV.¦Mehr dazu auf www.beispiel.de.¦Oder per Mail an info@beispiel.de.",
        "Das betrifft u. a. Hamburg, i. d. R. Berlin und v. a. München.¦Köln nicht.",
    ]);
}

#[test]
fn french() {
    check(&[
        "M. Dupont et Mme Durand sont venus.¦M. Le Goff est absent.",
        "« Vraiment ? » demanda-t-il.¦« Oui ! »¦Il partit.",
        "Cela coûte 1 234,56 € (cf. art. 5 et p. 12).¦C'est cher.",
        "En 52 av. J.-C. César vint en Gaule.¦Il gagna.",
        "Il a acheté des pommes, des poires, etc.¦Puis il est rentré.",
        "Voir p. ex. le chap. 3 ou la fig. 2.¦Le reste suit…¦Peut-être.",
        "C'est la version 2.0.1 du logiciel.¦Elle est sur https://exemple.fr/a.b?c=1.¦Bonne lecture !",
        "Le Dr. Martin, c.-à-d. mon médecin, est là.¦Qu'en dites-vous ?¦Rien.",
        "L'art. 3 du code s'applique.¦J. Martin l'a dit.",
    ]);
}

#[test]
fn spanish() {
    check(&[
        "El Sr. García y la Sra. López viven en EE. UU. desde 1990.¦¿Lo sabías?¦¡No!",
        "Cuesta 1.000,50 € según el art. 5.¦Es caro.",
        "Hay frutas, p. ej. manzanas, peras, etc.¦Después comió.",
        "Véase la pág. 12 y el cap. IV.¦Luego siga.",
        "La Dra. Ruiz vive en la Avda. Libertad n.º 5.¦Su tel. es 555.1234.",
        "Se fundó en el s. XIX, aprox. en 1850.¦Hoy es Acme S.A.¦Vende café.",
        "—¿Vienes? —preguntó Ana.¦Sí.",
        "El núm. 3 ganó...¦Nadie lo vio.¦Escriba a info@ejemplo.es.¦Gracias.",
        "Ud. tiene razón.¦Lo dijo D. Juan Pérez.",
    ]);
}

#[test]
fn portuguese() {
    check(&[
        "O Sr. Silva e a Dra. Souza moram na Av. Paulista.¦Eles chegaram ontem.",
        "O Ex.mo Sr. Ministro falou.¦Foi breve.",
        "Custa R$ 1.234,56 (cf. art. 5).¦É caro.",
        "Comprou maçãs, peras, etc.¦Depois saiu.",
        "Veja a pág. 12, p. ex. o cap. II.¦Não demore!",
        "No séc. XX, a Prof. Ana Lima escreveu isso.¦Quem leu?¦Ninguém.",
        "A versão 3.5 está em www.exemplo.com.br.¦Baixe já…¦Ou não.",
        "O n.º 5 venceu o n.º 7.¦A Sra. Costa viu.",
        "Em 44 a.C. César morreu.¦Foi em Roma.",
    ]);
}

#[test]
fn italian() {
    check(&[
        "Il Sig. Rossi e la Sig.ra Bianchi vivono in Via Roma 5.¦Sono sposati.",
        "Il Dott. Verdi ha pagato 1.000,50 € il 3.5.2024.¦È molto.",
        "Ci sono mele, pere, ecc.¦Poi basta.",
        "Vedi pag. 12, art. 5 e fig. 3.¦Non c'è altro.",
        "L'avv. Neri cita il d.lgs. 196/2003.¦Il giudice ascolta.",
        "La Fiat S.p.A. è di Torino.¦Lo sapevi?¦Sì!",
        "«Davvero?» chiese l'ing. Conti.¦«Certo.»¦Poi uscì.",
        "Cfr. cap. IV e n. 7.¦Scrivere a info@esempio.it.¦Grazie.",
        "G. Verdi nacque nel 1813.¦Morì nel 1901…¦A Milano.",
    ]);
}

#[test]
fn dutch() {
    check(&[
        "Dhr. De Vries en mevr. Jansen wonen hier.¦Zij komen uit Gent.",
        "Neem bijv. Amsterdam of bv. Utrecht.¦Dat is dichtbij.",
        "Hij kocht appels, peren, enz.¦Daarna ging hij weg.",
        "Het kost € 1.234,56 (zie blz. 12 en art. 5).¦Dat is veel.",
        "Dit geldt m.b.t. België, d.w.z. Vlaanderen, o.a. Gent.¦Waarom?¦Daarom.",
        "Drs. P. van Dijk en prof. dr. A. Bakker spraken.¦Het was mooi.",
        "Versie 2.0 staat op www.voorbeeld.nl.¦Mail naar info@voorbeeld.nl.¦Bedankt!",
        "De vergadering is op 3 mei om 10.30 uur.¦Nr. 5 valt af.",
        "“Echt?” vroeg hij.¦“Ja.”¦Hij lachte.",
    ]);
}

#[test]
fn polish() {
    check(&[
        "Dr hab. Jan Kowalski i prof. Anna Nowak mieszkają przy ul. Długiej 5.¦Są z Krakowa.",
        "Są tu m.in. Warszawa, Łódź itd.¦Potem nic.",
        "To kosztuje 1 234,56 zł, tj. ok. 300 euro.¦Drogo!",
        "Zob. art. 5 ust. 2 i s. 12.¦Nie ma więcej.",
        "Ulica św. Jana jest obok al. Jerozolimskich.¦Gdzie?¦Tam.",
        "W 2020 r. drużyna wygrała.¦Brawo!",
        "Zaczynamy o godz. 15.30, np. we wtorek.¦Kto przyjdzie?",
        "„Naprawdę?” zapytał inż. Zieliński.¦„Tak.”¦Wyszedł.",
        "Firma im. Adama Mickiewicza, tzw. Adaś, działa.¦Pisz na info@przyklad.pl.",
        "A. Mickiewicz urodził się w XVIII w. na Litwie.¦Zmarł w 1855 r.",
    ]);
}

#[test]
fn russian() {
    check(&[
        "Поэт А. С. Пушкин родился в г. Москве в 1799 г.¦Он писал стихи.",
        "Это стоит 1 234,56 руб., т. е. дорого.¦Кто купит?",
        "Яблоки, груши и т. д.¦Потом ничего.",
        "Дом на ул. Ленина, д. 5, кв. 12.¦Там живёт проф. Иванов.",
        "— Ты придёшь? — спросил он.¦— Да.",
        "См. рис. 3 и стр. 12.¦Это важно!",
        "В XIX в. здесь жили ок. 3.5 тыс. человек.¦Теперь меньше.",
        "«Правда?» — спросила она.¦«Да…»¦Она ушла.",
        "Музей им. Горького открыт, т.е. работает.¦Пишите на info@primer.ru.¦Ждём.",
        "Версия 1.2.3 вышла.¦Ст. 5 п. 2 не изменились.",
    ]);
}

#[test]
fn arabic() {
    check(&[
        "هل أنت بخير؟¦نعم.¦شكرا!",
        "قال د. محمد علي إن السعر 3.5 دولار.¦هذا كثير.",
        "زار أ. د. أحمد حسن المدينة.¦عاد أمس.",
        "الإصدار 1.2.3 متاح على www.example.com.¦حمله الآن.",
        "«هل تأتي؟»¦قال نعم.",
        "العنوان ص. ب. 123 الرياض.¦اكتب لنا.",
        "المبلغ 1.000,50 ريال.¦هل هو صحيح؟¦لا.",
        "انتظر...¦ماذا؟",
        "یہ پہلا ہے۔¦یہ دوسرا ہے۔",
    ]);
}

#[test]
fn hindi() {
    check(&[
        "यह पहला वाक्य है।¦यह दूसरा है।",
        "डॉ. शर्मा ने रु. 500 दिए।¦क्या यह सच है?¦हाँ!",
        "ए. पी. जे. अब्दुल कलाम राष्ट्रपति थे।¦वे वैज्ञानिक थे।",
        "दर 3.5 प्रतिशत है।¦कुल 1,00,000.50 रुपये हुए।",
        "संस्करण 1.2.3 आ गया है।¦देखें www.example.com आज ही।",
        "“क्या तुम आओगे?”¦उसने पूछा।",
        "श्लोक समाप्त हुआ॥¦अगला आरंभ होता है।",
        "प्रो. वर्मा और श्री. गुप्ता आए।¦रुको...¦क्यों?",
        "पृ. 12 देखें।¦सं. 5 भी।",
    ]);
}

#[test]
fn chinese() {
    check_joined(&[
        "我来了。¦你呢？¦好！",
        "他说：「走吧。」¦然后他们走了。",
        "“走吧！”他说。¦我们走了。",
        "价格是3.5元，共1,000.50元。¦贵吗？",
        "真的？！¦是的。",
        "他想了想……还是走了。¦没人知道。",
        "请访问 www.example.com 或写信到 a.b@example.com。¦谢谢！",
        "（他笑了。）¦她也笑了。",
        "《红楼梦》第3.2节很长。¦你读过吗？¦没有。",
    ]);
}

#[test]
fn japanese() {
    check_joined(&[
        "雨です。¦傘はありますか？¦はい！",
        "「行こう。」と彼は言った。¦私は行った。",
        "「本当？」¦「うん。」",
        "価格は3.5円で、合計1,000.50円です。¦高いですか？",
        "彼は考えた……そして去った。¦誰も知らない。",
        "バージョン1.2.3が出ました。¦www.example.com を見てください。",
        "（笑った。）¦彼女も笑った。",
        "『坊っちゃん』を読んだ。¦面白かった！¦また読む。",
        "えっ？！¦そうです。",
    ]);
}

#[test]
fn korean() {
    check(&[
        "비가 옵니다.¦우산이 있습니까?¦네!",
        "가격은 3.5달러이고 합계는 1,000.50원입니다.¦비쌉니까?",
        "2024. 3. 15. 회의가 열렸다.¦모두 왔다.",
        "“정말?”¦그가 물었다.",
        "버전 1.2.3이 나왔습니다.¦www.example.com을 보세요.",
        "잠깐...¦왜요?",
        "제5조 제2항을 보라.¦내용은 같다.",
        "메일은 a.b@example.com으로 보내세요.¦감사합니다.",
        "그는 (웃으며) 말했다.¦“네.”¦그리고 떠났다.",
    ]);
}
