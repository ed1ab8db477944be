//! Languages of short and long texts.

use assay_core::ParseLimits;

use super::*;
use crate::{FileHint, Parsed, parse};

/// Two short texts of each language.
const TEXTS: &[(&str, &str)] = &[
    ("en", "The meeting was moved to Thursday because two of us are away."),
    ("en", "Please send the signed contract back before the end of the month."),
    ("en", "Quarterly revenue grew by twelve percent over the last year."),
    ("de", "Die Besprechung wurde auf Donnerstag verlegt, weil zwei von uns fehlen."),
    ("de", "Bitte senden Sie den unterschriebenen Vertrag bis Monatsende zurück."),
    ("de", "Der Umsatz stieg im letzten Quartal um zwölf Prozent."),
    ("fr", "La réunion a été déplacée à jeudi parce que deux d'entre nous sont absents."),
    ("fr", "Veuillez renvoyer le contrat signé avant la fin du mois."),
    ("fr", "Le chiffre d'affaires a augmenté de douze pour cent."),
    ("es", "La reunión se ha aplazado al jueves porque dos de nosotros no estamos."),
    ("es", "Por favor, devuelva el contrato firmado antes de fin de mes."),
    ("es", "Los ingresos crecieron un doce por ciento en el último año."),
    ("pt", "A reunião foi adiada para quinta-feira porque dois de nós não estão."),
    ("pt", "Por favor, devolva o contrato assinado antes do fim do mês."),
    ("pt", "As receitas cresceram doze por cento no último ano."),
    ("it", "La riunione è stata spostata a giovedì perché due di noi sono assenti."),
    ("it", "La preghiamo di restituire il contratto firmato entro la fine del mese."),
    ("it", "I ricavi sono cresciuti del dodici per cento nell'ultimo anno."),
    ("nl", "De vergadering is naar donderdag verplaatst omdat twee van ons er niet zijn."),
    ("nl", "Stuur het ondertekende contract alstublieft voor het einde van de maand terug."),
    ("nl", "De omzet is het afgelopen jaar met twaalf procent gestegen."),
    ("pl", "Spotkanie przeniesiono na czwartek, ponieważ dwóch z nas nie będzie."),
    ("pl", "Prosimy o odesłanie podpisanej umowy do końca miesiąca."),
    ("pl", "Przychody wzrosły w ostatnim roku o dwanaście procent."),
    ("zh", "会议改到星期四，因为我们有两个人不在。"),
    ("zh", "请在月底前寄回签好的合同。"),
    ("ja", "二人が不在のため、会議は木曜日に変更されました。"),
    ("ja", "月末までに署名済みの契約書をご返送ください。"),
    ("ko", "두 사람이 자리를 비워서 회의가 목요일로 옮겨졌습니다."),
    ("ko", "월말까지 서명한 계약서를 보내 주십시오."),
    ("ru", "Встречу перенесли на четверг, потому что двоих из нас не будет."),
    ("ru", "Пожалуйста, верните подписанный договор до конца месяца."),
    ("ar", "تم تأجيل الاجتماع إلى يوم الخميس لأن اثنين منا غائبان."),
    ("ar", "يرجى إعادة العقد الموقع قبل نهاية الشهر."),
    ("hi", "बैठक गुरुवार को होगी क्योंकि हम में से दो लोग नहीं हैं।"),
    ("hi", "कृपया हस्ताक्षरित अनुबंध महीने के अंत से पहले वापस भेजें।"),
];

#[test]
fn short_texts_have_their_language() {
    let mut silent = Vec::new();
    for (expected, text) in TEXTS {
        match language(text) {
            Some(found) => assert_eq!(found, *expected, "{text}"),
            None => silent.push(*text),
        }
    }
    // One short sentence may leave a doubt; a wrong answer is worse than none.
    assert!(silent.len() <= 2, "{silent:#?}");
}

#[test]
fn all_texts_of_a_language_together_leave_no_doubt() {
    for (expected, _) in TEXTS {
        let of_language = TEXTS.iter().filter(|(language, _)| language == expected);
        let text: Vec<&str> = of_language.map(|(_, text)| *text).collect();
        assert_eq!(language(&text.join(" ")), Some(*expected));
    }
}

#[test]
fn too_little_text_has_no_language() {
    for text in ["", "   ", "Hamburg", "3.14 = 22/7", "https://a.example/der/die/das", "合同"] {
        assert_eq!(language(text), None, "{text}");
    }
}

#[test]
fn english_terms_do_not_hide_a_chinese_text() {
    let text = "我们使用 Kubernetes 部署 PostgreSQL 数据库，并用 Prometheus 监控。";
    assert_eq!(language(text), Some("zh"));
}

fn read(text: &str, name: &str) -> Parsed {
    let hint = FileHint { name: Some(name), media_type: None };
    parse(text.as_bytes(), &hint, &ParseLimits::default()).unwrap()
}

#[test]
fn prose_decides_for_a_document() {
    let text = "# Bericht\n\nDer Umsatz stieg im letzten Quartal um zwölf Prozent, weil viele \
        Kunden früher bestellten.\n\n```\nfn the_quick_brown_fox(jumps: Over) -> The { lazy() }\n```\n";
    assert_eq!(read(text, "a.md").metadata.language.as_deref(), Some("de"));
    assert_eq!(read("12; 13; 14", "a.txt").metadata.language, None);
}

#[test]
fn what_a_file_states_wins_unless_the_text_contradicts() {
    let german = TEXTS[3].1;
    let of = |text: &str, stated| of_document(text, &read(text, "a.txt").blocks, stated);
    assert_eq!(of(german, Some("en")).as_deref(), Some("de"));
    assert_eq!(of(german, Some("de-AT")).as_deref(), Some("de"));
    assert_eq!(of("Hamburg", Some("de_DE")).as_deref(), Some("de"));
    assert_eq!(of("Hamburg", Some("???")), None);
    assert_eq!(of(german, None).as_deref(), Some("de"));
}

#[test]
fn neighbours_are_not_mistaken() {
    let ukrainian = "Зустріч перенесли на четвер, бо двох із нас не буде на роботі.";
    assert!(matches!(language(ukrainian), None | Some("uk")));
    let swedish = "Mötet flyttades till torsdag eftersom två av oss är bortresta.";
    assert!(matches!(language(swedish), None | Some("sv")));
    let czech = "Schůzka byla přesunuta na čtvrtek, protože dva z nás tam nebudou.";
    assert!(matches!(language(czech), None | Some("cs")));
}

#[test]
fn a_part_is_told_apart_from_its_document() {
    for (code, text) in TEXTS {
        let alone = language(text);
        assert_eq!(language_within(text, Some(code)), Some(*code), "{text}");
        let other = if *code == "en" { "de" } else { "en" };
        assert_eq!(language_within(text, Some(other)), alone, "{text}");
        assert_eq!(language_within(text, None), alone, "{text}");
    }
    assert_eq!(language_within("4711", None), None);
}
