//! The shapes that vendors gave to their tokens, from their own documentation.

use super::bytes;

/// What a token is written in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Alphabet {
    Hex,
    Upper,
    Alnum,
    /// Letters, digits, underscore.
    Word,
    /// base64 for addresses.
    Dashed,
    /// The same and dots.
    Dotted,
    /// base64 with padding.
    Padded,
}

impl Alphabet {
    pub(super) fn holds(self) -> fn(u8) -> bool {
        match self {
            Self::Hex => |byte| byte.is_ascii_hexdigit(),
            Self::Upper => |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Alnum => |byte| byte.is_ascii_alphanumeric(),
            Self::Word => |byte| byte.is_ascii_alphanumeric() || byte == b'_',
            Self::Dashed => |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => {
                |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
            }
            Self::Padded => |byte| bytes::is_base64(byte) || byte == b'=',
        }
    }
}

/// A prefix, and how many characters of an alphabet follow.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) prefix: &'static str,
    pub(super) alphabet: Alphabet,
    pub(super) least: usize,
    pub(super) most: usize,
}

const fn shape(prefix: &'static str, alphabet: Alphabet, least: usize, most: usize) -> Shape {
    Shape { prefix, alphabet, least, most }
}

use Alphabet::{Alnum, Dashed, Dotted, Hex, Padded, Upper, Word};

pub(super) const SHAPES: &[Shape] = &[
    // Clouds.
    shape("AKIA", Upper, 16, 16),
    shape("ASIA", Upper, 16, 16),
    shape("ABIA", Upper, 16, 16),
    shape("ACCA", Upper, 16, 16),
    shape("AIza", Dashed, 35, 35),
    shape("ya29.", Dashed, 20, 1024),
    shape("GOCSPX-", Dashed, 28, 28),
    shape("1//0", Dashed, 35, 120),
    shape("AccountKey=", Padded, 80, 90),
    shape("SharedAccessKey=", Padded, 40, 50),
    shape("LTAI", Alnum, 12, 22),
    shape("AKID", Alnum, 32, 36),
    shape("dop_v1_", Hex, 64, 64),
    shape("doo_v1_", Hex, 64, 64),
    shape("dor_v1_", Hex, 64, 64),
    shape("FlyV1 fm", Padded, 50, 2000),
    shape("fo1_", Dashed, 43, 43),
    shape("HRKU-", Dashed, 36, 70),
    shape("sbp_", Hex, 40, 40),
    shape("sb_secret_", Dashed, 22, 60),
    shape("pscale_tkn_", Dotted, 32, 64),
    shape("pscale_pw_", Dotted, 32, 64),
    shape("pscale_oauth_", Dotted, 32, 64),
    shape("vault:v1:", Padded, 30, 500),
    shape("hvs.", Dashed, 24, 200),
    shape("hvb.", Dashed, 24, 300),
    shape("AQVN", Dashed, 34, 40),
    shape("tskey-", Dashed, 20, 70),
    // Source code and packages.
    shape("ghp_", Alnum, 36, 255),
    shape("gho_", Alnum, 36, 255),
    shape("ghu_", Alnum, 36, 255),
    shape("ghs_", Alnum, 36, 255),
    shape("ghr_", Alnum, 36, 255),
    shape("github_pat_", Word, 60, 255),
    shape("glpat-", Dotted, 20, 300),
    shape("gldt-", Dashed, 20, 70),
    shape("glrt-", Dotted, 20, 70),
    shape("glptt-", Dashed, 20, 70),
    shape("glcbt-", Dashed, 20, 70),
    shape("glft-", Dashed, 20, 70),
    shape("glsoat-", Dashed, 20, 70),
    shape("glimt-", Dashed, 25, 70),
    shape("glffct-", Dashed, 20, 70),
    shape("gloas-", Dashed, 64, 70),
    shape("glagent-", Dashed, 50, 1024),
    shape("GR1348941", Dashed, 20, 70),
    shape("ATATT3", Padded, 60, 255),
    shape("ATBB", Alnum, 32, 32),
    shape("npm_", Alnum, 36, 36),
    shape("pypi-AgE", Dashed, 50, 255),
    shape("rubygems_", Hex, 48, 48),
    shape("crates_io_", Alnum, 32, 40),
    shape("dckr_pat_", Dashed, 27, 40),
    shape("dckr_oat_", Dashed, 27, 40),
    shape("AKCp", Alnum, 60, 80),
    shape("CLOJARS_", Alnum, 60, 60),
    shape("CCIPAT_", Dashed, 40, 80),
    shape("bkua_", Alnum, 40, 40),
    shape("pul-", Hex, 40, 40),
    shape("dp.pt.", Alnum, 40, 44),
    shape("dp.st.", Dotted, 40, 60),
    shape("sntrys_", Padded, 50, 255),
    shape("sntryu_", Hex, 64, 64),
    shape("glc_", Padded, 32, 400),
    shape("glsa_", Word, 40, 50),
    shape("NRAK-", Alnum, 27, 27),
    shape("NRII-", Dashed, 32, 32),
    shape("PMAK-", Dashed, 59, 59),
    shape("figd_", Dashed, 38, 60),
    shape("lin_api_", Alnum, 32, 48),
    shape("ntn_", Alnum, 40, 50),
    shape("secret_", Alnum, 43, 43),
    shape("CFPAT-", Dashed, 43, 43),
    shape("tfp_", Dotted, 40, 62),
    shape("rdme_", Alnum, 70, 70),
    shape("pnu_", Alnum, 36, 36),
    shape("ops_eyJ", Padded, 60, 1000),
    shape("AGE-SECRET-KEY-1", Upper, 58, 58),
    // Models.
    shape("sk-proj-", Dashed, 20, 220),
    shape("sk-svcacct-", Dashed, 20, 220),
    shape("sk-admin-", Dashed, 20, 220),
    shape("sk-ant-", Dashed, 40, 130),
    shape("sk-or-v1-", Hex, 64, 64),
    shape("sk-", Alnum, 32, 64),
    shape("hf_", Alnum, 30, 40),
    shape("api_org_", Alnum, 30, 40),
    shape("gsk_", Alnum, 40, 60),
    shape("xai-", Alnum, 70, 90),
    shape("r8_", Alnum, 36, 44),
    shape("pplx-", Alnum, 40, 60),
    shape("pcsk_", Word, 40, 90),
    shape("lsv2_", Word, 40, 60),
    shape("nvapi-", Dashed, 60, 75),
    shape("tgp_v1_", Dashed, 40, 50),
    shape("jina_", Alnum, 50, 70),
    shape("tvly-", Dashed, 24, 48),
    // Messages and mail.
    shape("xoxb-", Dashed, 20, 250),
    shape("xoxp-", Dashed, 20, 250),
    shape("xoxa-", Dashed, 20, 250),
    shape("xoxr-", Dashed, 20, 250),
    shape("xoxs-", Dashed, 20, 250),
    shape("xoxe.", Dotted, 20, 250),
    shape("xoxe-", Dashed, 20, 250),
    shape("xapp-", Dashed, 30, 150),
    shape("hooks.slack.com/services/T", Padded, 30, 60),
    shape("discord.com/api/webhooks/", Padded, 60, 110),
    shape("discordapp.com/api/webhooks/", Padded, 60, 110),
    shape("SG.", Dotted, 60, 70),
    shape("xkeysib-", Dashed, 70, 90),
    shape("key-", Hex, 32, 32),
    // Money and shops.
    shape("sk_live_", Alnum, 10, 110),
    shape("sk_test_", Alnum, 10, 110),
    shape("rk_live_", Alnum, 10, 110),
    shape("rk_test_", Alnum, 10, 110),
    shape("whsec_", Padded, 24, 70),
    shape("sq0atp-", Dashed, 22, 22),
    shape("sq0csp-", Dashed, 43, 43),
    shape("EAAA", Dashed, 60, 64),
    shape("shpat_", Hex, 32, 32),
    shape("shpca_", Hex, 32, 32),
    shape("shppa_", Hex, 32, 32),
    shape("shpss_", Hex, 32, 32),
    shape("shippo_live_", Hex, 40, 40),
    shape("access-production-", Dashed, 36, 36),
    shape("access_token$production$", Dashed, 40, 60),
    shape("FLWSECK-", Dashed, 32, 48),
    shape("EZAK", Alnum, 54, 54),
    shape("EZTK", Alnum, 54, 54),
    // Data and others.
    shape("dapi", Hex, 32, 34),
    shape("sl.", Dashed, 130, 155),
    shape("EAACEdEose0cBA", Alnum, 20, 200),
    shape("sk.eyJ", Dotted, 60, 200),
    shape("phc_", Alnum, 40, 50),
    shape("phx_", Alnum, 40, 60),
    shape("ico-", Alnum, 32, 32),
    shape("fio-u-", Dashed, 64, 64),
    shape("duffel_live_", Dashed, 43, 43),
    shape("secret-token:", Dotted, 20, 120),
];
