//! Awkward words, and every tool name that users rely on.

use proptest::prelude::*;

use super::*;

/// wire, type, variant, field, constant, module
type Spelled = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const AWKWARD: &[Spelled] = &[
    ("ticket", "Ticket", "Ticket", "ticket", "TICKET", "ticket"),
    ("ticket_id", "TicketId", "TicketId", "ticket_id", "TICKET_ID", "ticket_id"),
    ("ticketId", "TicketId", "TicketId", "ticket_id", "TICKET_ID", "ticket_id"),
    ("TicketId", "TicketId", "TicketId", "ticket_id", "TICKET_ID", "ticket_id"),
    ("ticket-id", "TicketId", "TicketId", "ticket_id", "TICKET_ID", "ticket_id"),
    ("TICKET_ID", "TicketId", "TicketId", "ticket_id", "TICKET_ID", "ticket_id"),
    ("Ticket ID", "TicketId", "TicketId", "ticket_id", "TICKET_ID", "ticket_id"),
    ("ticket.id", "TicketId", "TicketId", "ticket_id", "TICKET_ID", "ticket_id"),
    ("ticket/id", "TicketId", "TicketId", "ticket_id", "TICKET_ID", "ticket_id"),
    ("ticket:id", "TicketId", "TicketId", "ticket_id", "TICKET_ID", "ticket_id"),
    ("ticket__id", "TicketId", "TicketId", "ticket_id", "TICKET_ID", "ticket_id"),
    ("_ticket", "Ticket", "Ticket", "ticket", "TICKET", "ticket"),
    ("ticket_", "Ticket", "Ticket", "ticket", "TICKET", "ticket"),
    ("__", "UnderscoreUnderscore", "UnderscoreUnderscore", "underscore_underscore", "UNDERSCORE_UNDERSCORE", "underscore_underscore"),
    ("_", "Underscore", "Underscore", "underscore", "UNDERSCORE", "underscore"),
    ("", "Empty", "Empty", "empty", "EMPTY", "empty"),
    ("   ", "SpaceSpaceSpace", "SpaceSpaceSpace", "space_space_space", "SPACE_SPACE_SPACE", "space_space_space"),
    ("HTTPServer", "HttpServer", "HttpServer", "http_server", "HTTP_SERVER", "http_server"),
    ("OAuth2", "Oauth2", "Oauth2", "oauth2", "OAUTH2", "oauth2"),
    ("oauth2Token", "Oauth2Token", "Oauth2Token", "oauth2_token", "OAUTH2_TOKEN", "oauth2_token"),
    ("desk365", "Desk365", "Desk365", "desk365", "DESK365", "desk365"),
    ("address1", "Address1", "Address1", "address1", "ADDRESS1", "address1"),
    ("address_1", "Address1", "Address1", "address_1", "ADDRESS_1", "address_1"),
    ("v2", "V2", "V2", "v2", "V2", "v2"),
    ("v2_1", "V2_1", "V2_1", "v2_1", "V2_1", "v2_1"),
    ("v2.1", "V2_1", "V2_1", "v2_1", "V2_1", "v2_1"),
    ("1", "N1", "N1", "n1", "N1", "n1"),
    ("24h", "N24h", "N24h", "n24h", "N24H", "n24h"),
    ("2fa", "N2fa", "N2fa", "n2fa", "N2FA", "n2fa"),
    ("+1", "Plus1", "Plus1", "plus_1", "PLUS_1", "plus_1"),
    ("-1", "Minus1", "Minus1", "minus_1", "MINUS_1", "minus_1"),
    ("1-2", "N1_2", "N1_2", "n1_2", "N1_2", "n1_2"),
    ("a-1", "A1", "A1", "a_1", "A_1", "a_1"),
    ("a -1", "AMinus1", "AMinus1", "a_minus_1", "A_MINUS_1", "a_minus_1"),
    (">=", "GreaterEqual", "GreaterEqual", "greater_equal", "GREATER_EQUAL", "greater_equal"),
    ("<", "Less", "Less", "less", "LESS", "less"),
    ("*", "Star", "Star", "star", "STAR", "star"),
    ("#", "HashType", "Hash", "hash", "HASH", "hash"),
    ("@mention", "AtMention", "AtMention", "at_mention", "AT_MENTION", "at_mention"),
    ("C&A", "CAndA", "CAndA", "c_and_a", "C_AND_A", "c_and_a"),
    ("100%", "N100Percent", "N100Percent", "n100_percent", "N100_PERCENT", "n100_percent"),
    ("first/last", "FirstLast", "FirstLast", "first_last", "FIRST_LAST", "first_last"),
    ("filter[status]", "FilterStatus", "FilterStatus", "filter_status", "FILTER_STATUS", "filter_status"),
    ("it's", "Its", "Its", "its", "ITS", "its"),
    ("Größe", "Grosse", "Grosse", "grosse", "GROSSE", "grosse"),
    ("café", "Cafe", "Cafe", "cafe", "CAFE", "cafe"),
    ("naïve", "Naive", "Naive", "naive", "NAIVE", "naive"),
    ("Ångström", "Angstrom", "Angstrom", "angstrom", "ANGSTROM", "angstrom"),
    ("œuvre", "Oeuvre", "Oeuvre", "oeuvre", "OEUVRE", "oeuvre"),
    ("你好", "NiHao", "NiHao", "ni_hao", "NI_HAO", "ni_hao"),
    ("Привет", "Privet", "Privet", "privet", "PRIVET", "privet"),
    ("😀", "Grinning", "Grinning", "grinning", "GRINNING", "grinning"),
    ("👍", "Plus1", "Plus1", "plus_1", "PLUS_1", "plus_1"),
    ("É", "E", "E", "e", "E", "e"),
    ("½", "N1_2", "N1_2", "n1_2", "N1_2", "n1_2"),
    ("①", "N1", "N1", "n1", "N1", "n1"),
    ("e\u{301}", "E", "E", "e", "E", "e"),
    ("type", "Type", "Type", "r#type", "TYPE", "type_"),
    ("Type", "Type", "Type", "r#type", "TYPE", "type_"),
    ("self", "SelfType", "SelfValue", "self_", "SELF", "self_"),
    ("Self", "SelfType", "SelfValue", "self_", "SELF", "self_"),
    ("super", "Super", "Super", "super_", "SUPER", "super_"),
    ("crate", "Crate", "Crate", "crate_", "CRATE", "crate_"),
    ("async", "Async", "Async", "r#async", "ASYNC", "async_"),
    ("gen", "Gen", "Gen", "r#gen", "GEN", "gen_"),
    ("try", "Try", "Try", "r#try", "TRY", "try_"),
    ("match", "Match", "Match", "r#match", "MATCH", "match_"),
    ("move", "Move", "Move", "r#move", "MOVE", "move_"),
    ("box", "BoxType", "Box", "r#box", "BOX", "box_"),
    ("dyn", "Dyn", "Dyn", "r#dyn", "DYN", "dyn_"),
    ("fn", "FnType", "Fn", "r#fn", "FN", "fn_"),
    ("in", "In", "In", "r#in", "IN", "in_"),
    ("true", "True", "True", "r#true", "TRUE", "true_"),
    ("abstract", "Abstract", "Abstract", "r#abstract", "ABSTRACT", "abstract_"),
    ("result", "ResultType", "Result", "result", "RESULT", "result"),
    ("Result", "ResultType", "Result", "result", "RESULT", "result"),
    ("option", "OptionType", "Option", "option", "OPTION", "option"),
    ("vec", "VecType", "Vec", "vec", "VEC", "vec"),
    ("string", "StringType", "String", "string", "STRING", "string"),
    ("some", "SomeType", "Some", "some", "SOME", "some"),
    ("none", "NoneType", "None", "none", "NONE", "none"),
    ("ok", "OkType", "Ok", "ok", "OK", "ok"),
    ("err", "ErrType", "Err", "err", "ERR", "err"),
    ("default", "DefaultType", "Default", "default", "DEFAULT", "default"),
    ("other", "Other", "Other", "other", "OTHER", "other"),
    ("Other", "Other", "Other", "other", "OTHER", "other"),
    ("unknown", "Unknown", "UnknownValue", "unknown", "UNKNOWN", "unknown"),
    ("extra", "Extra", "Extra", "extra_", "EXTRA", "extra"),
    ("new", "NewType", "New", "new", "NEW", "new"),
    ("send", "SendType", "Send", "send", "SEND", "send"),
    ("table", "Table", "Table", "table", "TABLE_", "table"),
    ("shape", "Shape", "Shape", "shape", "SHAPE_", "shape"),
    ("mod", "Mod", "Mod", "r#mod", "MOD", "mod_"),
    ("con", "Con", "Con", "con", "CON", "con_"),
    ("lib", "Lib", "Lib", "lib", "LIB", "lib_"),
    ("main", "Main", "Main", "main", "MAIN", "main_"),
    ("aux", "Aux", "Aux", "aux", "AUX", "aux_"),
    ("union", "Union", "Union", "union", "UNION", "union"),
    ("static", "Static", "Static", "r#static", "STATIC", "static_"),
    ("auto", "Auto", "Auto", "auto", "AUTO", "auto"),
    ("macro_rules", "MacroRules", "MacroRules", "macro_rules", "MACRO_RULES", "macro_rules"),
    ("id", "Id", "Id", "id", "ID", "id"),
    ("ID", "Id", "Id", "id", "ID", "id"),
    ("IDs", "Ids", "Ids", "ids", "IDS", "ids"),
    ("x", "X", "X", "x", "X", "x"),
    ("X-Crisp-Tier", "XCrispTier", "XCrispTier", "x_crisp_tier", "X_CRISP_TIER", "x_crisp_tier"),
    ("\u{200b}", "U200b", "U200b", "u200b", "U200B", "u200b"),
    ("\0", "U0", "U0", "u0", "U0", "u0"),
    ("�", "Ufffd", "Ufffd", "ufffd", "UFFFD", "ufffd"),
    ("a\0b", "AB", "AB", "a_b", "A_B", "a_b"),
    ("ſ", "S", "S", "s", "S", "s"),
    ("İ", "I", "I", "i", "I", "i"),
    ("ǅ", "Dz", "Dz", "dz", "DZ", "dz"),
];

#[test]
fn awkward_words_are_spelled_as_agreed() {
    for (wire, type_name, variant, field, constant, module) in AWKWARD {
        let name = Name::new(*wire);
        let spelled = (
            name.type_name(),
            name.variant(),
            name.field(),
            name.constant(),
            name.module(),
        );
        let spelled = (&*spelled.0, &*spelled.1, &*spelled.2, &*spelled.3, &*spelled.4);
        assert_eq!(spelled, (*type_name, *variant, *field, *constant, *module), "{wire:?}");
        assert_legal(&name);
    }
}

fn assert_legal(name: &Name) {
    for spelling in [
        name.type_name(),
        name.variant(),
        name.field(),
        name.method(),
        name.constant(),
        name.module(),
    ] {
        let parsed = syn::parse_str::<syn::Ident>(&spelling);
        assert!(parsed.is_ok(), "{:?} is spelled {spelling:?}", name.wire());
        assert_eq!(ident(&spelling).to_string(), spelling);
    }
    assert!(!name.file().is_empty());
    assert!(
        name.file().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'),
        "{:?}",
        name.file()
    );
}

/// slug, resource, method, name
const TOOLS: &[(&str, &str, &str, &str)] = &[
    ("crisp", "conversations", "list", "list_all_crisp_conversations"),
    ("crisp", "conversations", "get", "get_single_crisp_conversation_by_id"),
    ("crisp", "conversations", "create", "create_a_crisp_conversation"),
    (
        "crisp",
        "conversation_states",
        "get",
        "get_single_crisp_conversation_state_by_id",
    ),
    (
        "crisp",
        "conversations",
        "update_routing",
        "crisp_conversations_update_routing",
    ),
    (
        "crisp",
        "conversations",
        "update_inbox",
        "crisp_conversations_update_inbox",
    ),
    (
        "crisp",
        "conversation_blocks",
        "update",
        "update_a_crisp_conversation_block_by_id",
    ),
    (
        "crisp",
        "spam_conversations",
        "list",
        "list_all_crisp_spam_conversations",
    ),
    ("crisp", "messages", "list", "list_all_crisp_messages"),
    ("crisp", "messages", "create", "create_a_crisp_message"),
    ("crisp", "helpdesk_articles", "list", "list_all_crisp_helpdesk_articles"),
    (
        "crisp",
        "helpdesk_articles",
        "create",
        "create_a_crisp_helpdesk_article",
    ),
    (
        "crisp",
        "helpdesk_articles",
        "update",
        "update_a_crisp_helpdesk_article_by_id",
    ),
    (
        "crisp",
        "helpdesk_articles",
        "resolve_page",
        "crisp_helpdesk_articles_resolve_page",
    ),
    (
        "crisp",
        "helpdesk_articles",
        "publish",
        "crisp_helpdesk_articles_publish",
    ),
    (
        "crisp",
        "helpdesk_articles",
        "unpublish",
        "crisp_helpdesk_articles_unpublish",
    ),
    ("crisp", "people_data", "get", "get_single_crisp_people_datum_by_id"),
    ("crisp", "people_data", "update", "update_a_crisp_people_datum_by_id"),
    (
        "crisp",
        "people_profiles",
        "update",
        "update_a_crisp_people_profile_by_id",
    ),
    ("crisp", "campaigns", "create", "create_a_crisp_campaign"),
    ("crisp", "campaigns", "pause", "crisp_campaigns_pause"),
    ("crisp", "visitors_lists", "list", "list_all_crisp_visitors_lists"),
    ("crisp", "reports", "create", "create_a_crisp_report"),
    ("desk365", "ping", "list", "list_all_desk_365_ping"),
    ("desk365", "tickets", "list", "list_all_desk_365_tickets"),
    ("desk365", "tickets", "get", "get_single_desk_365_ticket_by_id"),
    ("desk365", "tickets", "create", "create_a_desk_365_ticket"),
    (
        "desk365",
        "tickets",
        "create_with_attachment",
        "desk_365_tickets_create_with_attachment",
    ),
    ("desk365", "tickets", "update", "update_a_desk_365_ticket_by_id"),
    (
        "desk365",
        "ticket_conversations",
        "list",
        "list_all_desk_365_ticket_conversations",
    ),
    ("desk365", "ticket_replies", "create", "create_a_desk_365_ticket_reply"),
    (
        "desk365",
        "ticket_replies",
        "create_with_attachment",
        "desk_365_ticket_replies_create_with_attachment",
    ),
    ("desk365", "ticket_notes", "create", "create_a_desk_365_ticket_note"),
    (
        "desk365",
        "ticket_notes",
        "create_with_attachment",
        "desk_365_ticket_notes_create_with_attachment",
    ),
    ("desk365", "contacts", "list", "list_all_desk_365_contacts"),
    ("desk365", "contacts", "get", "get_single_desk_365_contact_by_id"),
    ("desk365", "contacts", "create", "create_a_desk_365_contact"),
    (
        "desk365",
        "contacts",
        "create_with_attachment",
        "desk_365_contacts_create_with_attachment",
    ),
    ("desk365", "contacts", "update", "update_a_desk_365_contact_by_id"),
    ("desk365", "companies", "list", "list_all_desk_365_companies"),
    ("desk365", "companies", "get", "get_single_desk_365_company_by_id"),
    ("desk365", "companies", "create", "create_a_desk_365_company"),
    (
        "desk365",
        "companies",
        "create_with_attachment",
        "desk_365_companies_create_with_attachment",
    ),
    ("desk365", "companies", "update", "update_a_desk_365_company_by_id"),
    ("desk365", "time_entries", "list", "list_all_desk_365_time_entries"),
    ("desk365", "time_entries", "get", "get_single_desk_365_time_entry_by_id"),
    ("desk365", "time_entries", "create", "create_a_desk_365_time_entry"),
    ("desk365", "surveys", "list", "list_all_desk_365_surveys"),
    ("desk365", "surveys", "get", "get_single_desk_365_survey_by_id"),
    ("desk365", "survey_ratings", "list", "list_all_desk_365_survey_ratings"),
    ("desk365", "contracts", "list", "list_all_desk_365_contracts"),
    ("desk365", "contracts", "get", "get_single_desk_365_contract_by_id"),
    ("desk365", "contracts", "create", "create_a_desk_365_contract"),
    ("desk365", "contracts", "update", "update_a_desk_365_contract_by_id"),
    (
        "desk365",
        "kb_categories",
        "get",
        "get_single_desk_365_kb_category_by_id",
    ),
    ("desk365", "kb_categories", "create", "create_a_desk_365_kb_category"),
    (
        "desk365",
        "kb_categories",
        "update",
        "update_a_desk_365_kb_category_by_id",
    ),
    (
        "desk365",
        "kb_categories",
        "delete",
        "delete_a_desk_365_kb_category_by_id",
    ),
    ("desk365", "kb_folders", "get", "get_single_desk_365_kb_folder_by_id"),
    ("desk365", "kb_folders", "create", "create_a_desk_365_kb_folder"),
    ("desk365", "kb_folders", "update", "update_a_desk_365_kb_folder_by_id"),
    ("desk365", "kb_folders", "delete", "delete_a_desk_365_kb_folder_by_id"),
    ("desk365", "kb_articles", "list", "list_all_desk_365_kb_articles"),
    ("desk365", "kb_articles", "get", "get_single_desk_365_kb_article_by_id"),
    ("desk365", "kb_articles", "create", "create_a_desk_365_kb_article"),
    ("desk365", "kb_articles", "update", "update_a_desk_365_kb_article_by_id"),
    ("desk365", "kb_articles", "delete", "delete_a_desk_365_kb_article_by_id"),
    ("gorgias", "tickets", "list", "list_all_gorgias_tickets"),
    ("gorgias", "tickets", "get", "get_single_gorgias_ticket_by_id"),
    ("gorgias", "tickets", "update", "update_a_gorgias_ticket_by_id"),
    ("gorgias", "messages", "create", "create_a_gorgias_message"),
    ("gorgias", "customers", "get", "get_single_gorgias_customer_by_id"),
    ("gorgias", "macros", "create", "create_a_gorgias_macro"),
    ("gorgias", "views", "search_items", "gorgias_views_search_items"),
    ("gorgias", "search", "search", "gorgias_search"),
];

#[test]
fn tool_names_follow_the_pattern() {
    for (slug, resource, method, name) in TOOLS {
        assert_eq!(tool_name(&integration_words(slug), resource, method, None), *name);
        let report = Report::new();
        check_tool_name(name, &Span::nowhere(), &report);
        assert!(!report.has_errors(), "{name}");
    }
    let words = integration_words("crisp");
    let given = tool_name(&words, "staff", "get", Some("colleague"));
    assert_eq!(given, "get_single_crisp_colleague_by_id");
}

#[test]
fn slugs_are_split_where_letters_meet_digits() {
    assert_eq!(integration_words("desk365"), ["desk", "365"]);
    assert_eq!(integration_words("a1b2"), ["a", "1", "b", "2"]);
    assert_eq!(integration_words("help-scout"), ["help", "scout"]);
}

#[test]
fn only_the_last_word_becomes_singular() {
    let pairs = [
        ("people_data", "people_datum"),
        ("visitors_lists", "visitors_list"),
        ("categories", "category"),
        ("companies", "company"),
        ("time_entries", "time_entry"),
        ("ticket_replies", "ticket_reply"),
        ("statuses", "status"),
        ("status", "status"),
        ("inboxes", "inbox"),
        ("boxes", "box"),
        ("classes", "class"),
        ("addresses", "address"),
        ("branches", "branch"),
        ("searches", "search"),
        ("caches", "cache"),
        ("houses", "house"),
        ("clauses", "clause"),
        ("databases", "database"),
        ("responses", "response"),
        ("knowledge_bases", "knowledge_base"),
        ("analyses", "analysis"),
        ("analytics", "analytics"),
        ("metrics", "metric"),
        ("topics", "topic"),
        ("sizes", "size"),
        ("macros", "macro"),
        ("people", "person"),
        ("children", "child"),
        ("media", "medium"),
        ("news", "news"),
        ("sms", "sms"),
        ("ping", "ping"),
        ("s", "s"),
        ("as", "as"),
        ("", ""),
    ];
    for (many, one) in pairs {
        assert_eq!(singular(many), one);
    }
}

#[test]
fn tool_names_are_checked() {
    let check = |name: &str| {
        let report = Report::new();
        check_tool_name(name, &Span::nowhere(), &report);
        report
            .problems()
            .iter()
            .map(|p| (p.rule, p.severity == crate::report::Severity::Error))
            .collect::<Vec<_>>()
    };
    assert_eq!(check(&"a".repeat(52)), []);
    assert_eq!(check(&"a".repeat(53)), [("tool-name-length", false)]);
    assert_eq!(check(&"a".repeat(64)), [("tool-name-length", false)]);
    assert_eq!(check(&"a".repeat(65)), [("tool-name-length", true)]);
    assert_eq!(check("Get"), [("tool-name-form", true)]);
    assert_eq!(check(""), [("tool-name-form", true)]);
}

#[test]
fn a_scope_reports_both_origins() {
    let at = |line| Span {
        file: "a/b.yaml".into(),
        line,
        column: 1,
        start: 0,
        len: 0,
    };
    let report = Report::new();
    let mut scope = Scope::new("the record `Ticket`");
    scope.reserve("extra_", "unknown members");
    assert!(scope.claim("r#type", "type", &at(1), &report));
    assert!(scope.claim("Type", "Type", &at(2), &report));
    assert!(!scope.claim("type", "_type", &at(3), &report));
    assert!(!scope.claim("extra_", "extra", &at(4), &report));
    let problems = report.problems();
    assert_eq!(problems.len(), 2);
    assert_eq!(
        problems[0].message,
        "`_type` and `type` are both spelled `type` in the record `Ticket`"
    );
    assert_eq!(problems[0].also[0].0.line, 1);

    let mut files = Scope::ignoring_case("the files");
    assert!(files.claim("Tickets", "Tickets", &at(5), &report));
    assert!(!files.claim("tickets", "tickets", &at(6), &report));
}

proptest! {
    #[test]
    fn any_text_is_spelled_legally(wire in "\\PC{0,12}|.{0,8}|[a-zA-Z0-9_ +.-]{0,10}") {
        assert_legal(&Name::new(wire));
    }

    #[test]
    fn spellings_of_a_scope_differ_or_are_reported(wires in prop::collection::btree_set("[a-cA-C1-2_+-]{0,4}", 0..20)) {
        let spell: [fn(&Name) -> String; 5] =
            [Name::type_name, Name::variant, Name::field, Name::constant, Name::module];
        for spell in spell {
            let report = Report::new();
            let mut scope = Scope::ignoring_case("it");
            let claimed = wires.iter().filter(|w| scope.claim(&spell(&Name::new(w.as_str())), w, &Span::nowhere(), &report));
            let claimed: Vec<_> = claimed.collect();
            let distinct: std::collections::BTreeSet<String> =
                claimed.iter().map(|w| spell(&Name::new(w.as_str())).to_lowercase()).collect();
            prop_assert_eq!(distinct.len(), claimed.len());
            prop_assert_eq!(report.counts().0, wires.len() - claimed.len());
        }
    }
}
