//! The cases through the typed client, and what the answers are as types.

use std::collections::BTreeMap;

use deskhand_desk365::{
    AddRemove, AgentEmail, BlockHours, BlockHoursUpdate, BlockTickets, CompanyCreate, ContactCreate, ContactOrder,
    ContractBillCycle, ContractRolloverType, ContractType, ConversationOrder, ConversationType, CreateCompany,
    CreateCompanyWithAttachment, CreateContact, CreateContactWithAttachment, CreateContract, CreateKbArticle,
    CreateKbCategory, CreateKbFolder, CreateLocation, CreateTicket, CreateTicketNote, CreateTicketNoteWithAttachment,
    CreateTicketReply, CreateTicketReplyWithAttachment, CreateTicketWithAttachment, CreateTimeEntry, DeleteKbArticle,
    DeleteKbCategory, DeleteKbFolder, GetCompany, GetContact, GetContract, GetKbArticle, GetKbCategory, GetKbFolder,
    GetLocation, GetSurvey, GetTicket, GetTimeEntry, KbAgentVisibility, KbArticleState, KbArticleStatus,
    KbSupportVisibility, ListAgents, ListCompanies, ListContacts, ListContracts, ListKbArticles, ListLocations,
    ListSurveyRatings, ListSurveys, ListTicketConversations, ListTickets, ListTimeEntries, NoteCreate, Ping,
    ReplyCreate, SearchTickets, SearchTicketsSearchQuery, SenderType, SortDirection, SurveyNeutralType,
    SurveyNotifyType, SurveyRatingOrder, SurveyType, TicketCreate, TicketFieldSearch, TicketFilters, TicketNumber,
    TicketOrder, TicketPriority, TicketSearchArea, TicketSearchField, TicketSearchOrder, TicketSearchTerm,
    TicketSearchType, TicketSource, TicketStatus, TicketTextSearch, TicketType, TimeEntryId, UpdateCompany,
    UpdateContact, UpdateContract, UpdateKbArticle, UpdateKbCategory, UpdateKbFolder, UpdateLocation, UpdateTicket,
};
use deskhand_runtime::{File, Patch};
use serde_json::{Value, json};

use crate::Exchange;

/// One test an operation: each case as a tool call, as a typed call, and what is asserted about the typed answer.
macro_rules! wire {
    ($($operation:ident { $($case:literal: $call:expr => |$answer:pat_param| $check:block)+ })+) => {
        $(
            #[tokio::test]
            async fn $operation() {
                $({
                    let exchange = Exchange::tool(stringify!($operation), $case).await;
                    let $answer = exchange.typed(&$call).await;
                    $check
                })+
            }
        )+

        /// The cases above.
        pub(crate) const PLAYED: &[(&str, &[&str])] = &[$((stringify!($operation), &[$($case),+])),+];
    };
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn texts(list: &[&str]) -> Option<Vec<String>> {
    Some(list.iter().map(|text| (*text).to_owned()).collect())
}

fn agents(list: &[&str]) -> Option<Vec<AgentEmail>> {
    Some(list.iter().map(|text| AgentEmail::from(*text)).collect())
}

fn object(value: Value) -> Option<BTreeMap<String, Value>> {
    match value {
        Value::Object(members) => Some(members.into_iter().collect()),
        _ => None,
    }
}

fn file(name: &str, media_type: &str, content: &[u8]) -> File {
    File {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        content: content.to_owned(),
    }
}

fn text_file(name: &str, content: &str) -> File {
    file(name, "text/plain", content.as_bytes())
}

wire! {
    list_agents {
        "agents with members that nobody documents": ListAgents::new() => |page| {
            assert_eq!(page.items[0].email, Some("first.line@example.com".into()));
            assert_eq!(page.items[0].extra["groups"], json!(["Billing", "Tier 2 ⚙️"]));
            assert_eq!(page.items[1].name, None);
            assert_eq!((page.next, page.total), (None, None));
        }
    }
    list_companies {
        "first page": ListCompanies::new() => |page| {
            let company = &page.items[0];
            assert_eq!(company.name, Some("Example Ltd".into()));
            assert_eq!(company.domains, Some(json!(["example.com", "example.org"])));
            assert_eq!(company.updated_on.as_deref(), Some("1970-01-01 00:00:00"));
            assert_eq!((page.next, page.total), (None, Some(1)));
        }
        "later page, custom fields asked for":
            ListCompanies { offset: Some(30), include_custom_fields: Some(true) } => |page| {
                assert_eq!(page.items[0].custom_fields, object(json!({"cf_Région 🌍": "EU", "cf_Seats": 12})));
                assert!(page.next.is_some());
                assert_eq!(page.total, Some(90));
            }
    }
    get_company {
        "a name that needs encoding": GetCompany::new("A & B / C + D 🏭 100% \"q\"") => |company| {
            assert_eq!(company.name, Some("A & B / C + D 🏭 100% \"q\"".into()));
            assert_eq!(company.domains, Some(json!("example.com,example.org")));
            assert_eq!(company.custom_fields, object(json!({"cf_Tier": null})));
            assert_eq!(company.extra["health_score"], json!(7));
        }
    }
    create_company {
        "all members": CreateCompany {
            description: some("Makes \"things\""),
            phone: some("+49 30 000000"),
            address: some("1 Example Street"),
            city: some("Berlin"),
            state: some("BE"),
            country: some("Germany"),
            zipcode: some("00000"),
            sla: some("helpdesk default"),
            domains: some("example.com,example.org"),
            ..CreateCompany::new("A & B / C + D 🏭")
        } => |company| {
            assert_eq!(company.domains, Some(json!("example.com,example.org")));
            assert_eq!(company.sla.as_deref(), Some("helpdesk default"));
        }
        "domains as a list become one text with commas": CreateCompany {
            domains: some("example.com,example.org"),
            ..CreateCompany::new("Example Ltd")
        } => |company| {
            assert_eq!(company.name, Some("Example Ltd".into()));
        }
    }
    create_company_with_attachment {
        "one file": CreateCompanyWithAttachment {
            file: Some(text_file("contract.txt", "Hello")),
            ..CreateCompanyWithAttachment::new(CompanyCreate {
                domains: some("example.com"),
                ..CompanyCreate::new("A & B")
            })
        } => |company| {
            assert_eq!(company.name, Some("A & B".into()));
        }
        "several files": CreateCompanyWithAttachment {
            files: Some(vec![text_file("a.txt", "A"), file("b.bin", "application/octet-stream", &[0, 255])]),
            ..CreateCompanyWithAttachment::new(CompanyCreate::new("Example Ltd"))
        } => |company| {
            assert_eq!(company.name, Some("Example Ltd".into()));
        }
        "a long object moves into the form": CreateCompanyWithAttachment {
            file: Some(text_file("a.txt", "A")),
            ..CreateCompanyWithAttachment::new(CompanyCreate {
                description: Some("x".repeat(4200)),
                ..CompanyCreate::new("Example Ltd")
            })
        } => |company| {
            assert_eq!(company.name, Some("Example Ltd".into()));
        }
    }
    update_company {
        "rename": UpdateCompany { name: some("A+B"), ..UpdateCompany::new("A & B") } => |company| {
            assert_eq!(company.name, Some("A+B".into()));
        }
        "all members": UpdateCompany {
            name: some("Example Inc"),
            description: some(""),
            phone: some("0"),
            address: some("Line 1\nLine 2"),
            city: some("C"),
            state: some("S"),
            country: some("D"),
            zipcode: some("Z"),
            sla: some("helpdesk default"),
            domains: some("example.com"),
            ..UpdateCompany::new("Example Ltd")
        } => |company| {
            assert_eq!(company.name, Some("Example Inc".into()));
        }
    }
    list_contacts {
        "nothing asked for": ListContacts::new() => |page| {
            assert_eq!(page.items[0].primary_email, Some("first@example.com".into()));
            assert_eq!(page.items[0].is_deleted, Some(false));
            assert_eq!(page.items[1].is_deleted, Some(true));
            assert_eq!(page.items[1].email, Some("second@example.com".into()));
            assert_eq!(page.items[1].secondary_email.as_deref(), Some("second@example.org"));
            assert_eq!(page.total, Some(2));
        }
        "everything asked for": ListContacts {
            offset: Some(60),
            company: Some("A & B / C".into()),
            order_by: Some(ContactOrder::Company),
            order_type: Some(SortDirection::Desc),
            include_custom_fields: Some(true),
        } => |page| {
            assert!(page.items.is_empty());
            assert_eq!((page.next, page.total), (None, Some(60)));
        }
    }
    get_contact {
        "by primary address":
            GetContact { primary_email: Some("first+tag@example.com".into()), ..GetContact::new() } => |contact| {
                assert_eq!(contact.company_name, Some("Example Ltd".into()));
                assert_eq!(contact.secondary_emails, Some(json!("a@example.org,b@example.org")));
                assert_eq!(contact.secondary_departments, Some(json!([])));
                assert_eq!(contact.custom_fields, object(json!({"cf_VIP": true})));
            }
        "by secondary address, addresses answered as a list":
            GetContact { secondary_email: some("a@example.org"), ..GetContact::new() } => |contact| {
                assert_eq!(contact.secondary_emails, Some(json!(["a@example.org"])));
            }
    }
    create_contact {
        "all members": CreateContact {
            secondary_emails: some("a@example.org,b@example.org"),
            title: some("Head of \"Q\""),
            mobile: some("+1 555 0100"),
            phone: some("555-0101"),
            company_name: Some("A & B".into()),
            ..CreateContact::new("First contact", "first@example.com")
        } => |contact| {
            assert_eq!(contact.company_name, Some("A & B".into()));
        }
    }
    create_contact_with_attachment {
        "one file": CreateContactWithAttachment {
            file: Some(file("Ünï \"x\".png", "image/png", b"\x89PNG\r\n\x1a\n")),
            ..CreateContactWithAttachment::new(ContactCreate {
                company_name: Some("A & B".into()),
                ..ContactCreate::new("First contact", "first@example.com")
            })
        } => |contact| {
            assert_eq!(contact.primary_email, Some("first@example.com".into()));
        }
        "several files, object given as JSON text": CreateContactWithAttachment {
            files: Some(vec![
                file("a.txt", "text/plain; charset=utf-8", "é".as_bytes()),
                text_file("b.txt", "B\r\nB"),
            ]),
            ..CreateContactWithAttachment::new(ContactCreate::new("First contact", "first@example.com"))
        } => |contact| {
            assert_eq!(contact.name.as_deref(), Some("First contact"));
        }
        "a long object moves into the form": CreateContactWithAttachment {
            files: Some(vec![text_file("a.txt", "A")]),
            ..CreateContactWithAttachment::new(ContactCreate {
                title: Some("é\"&".repeat(1300)),
                ..ContactCreate::new("First contact", "first@example.com")
            })
        } => |contact| {
            assert_eq!(contact.name.as_deref(), Some("First contact"));
        }
    }
    update_contact {
        "all members": UpdateContact {
            name: some("Renamed contact"),
            title: some(""),
            mobile: some("1"),
            phone: some("2"),
            company_name: Some("A+B".into()),
            ..UpdateContact::new("first@example.com")
        } => |contact| {
            assert_eq!(contact.company_name, Some("A+B".into()));
        }
    }
    list_contracts {
        "nothing asked for": ListContracts::new() => |page| {
            let contract = &page.items[0];
            assert_eq!(contract.reference_number, Some("C-1024".into()));
            assert_eq!(contract.contract_type, Some(ContractType::BlockHours));
            assert_eq!(contract.bill_cycle, Some(ContractBillCycle::Monthly));
            assert_eq!(contract.rollover_unused_hours, Some(true));
            assert_eq!(contract.rollover_details.as_ref().unwrap()[0].contract_mins_used, Some(65));
            let usage = &contract.usage_hours.as_ref().unwrap()[0];
            assert_eq!((usage.contract_mins, usage.extra_used_mins), (Some(2400), Some(0)));
            assert!(page.next.is_some());
        }
        "everything asked for": ListContracts {
            offset: Some(30),
            company: Some("A & B".into()),
            contract_category: some("Prio / 1"),
            include_inactive_contracts: Some(false),
            include_expired_contracts: Some(false),
            include_upcoming_contracts: Some(true),
        } => |page| {
            assert_eq!(page.items[0].contract_type, Some(ContractType::BlockTickets));
            assert!(page.next.is_none());
        }
    }
    get_contract {
        "by reference number":
            GetContract { reference_number: Some("C#1024/7".into()), ..GetContract::new() } => |contract| {
                assert_eq!(contract.contract_type, Some(ContractType::Unknown(9)));
                assert_eq!(contract.rollover_unused_hours, Some(false));
                assert_eq!(contract.category.as_deref(), Some("Support"));
            }
        "by name":
            GetContract { contract_name: Some("Support 2026 + travel".into()), ..GetContract::new() } => |contract| {
                let usage = &contract.usage_hours.unwrap()[0];
                assert_eq!(usage.contract_mins, Some(60));
                assert_eq!(usage.extra["newMember"], json!({"a": [1]}));
            }
    }
    create_contract {
        "over hours": CreateContract {
            start_date: some("2026-01-01"),
            end_date: some("2026-12-31"),
            reference_number: some("C-1024"),
            setup_fees: Some(100),
            sla: some("Gold"),
            contract_category: some("Support"),
            is_active: Some(true),
            bill_cycle: Some(ContractBillCycle::ContractLength),
            after_hours_included: Some(false),
            contract_type: Some(ContractType::BlockHours),
            block_hours: Some(BlockHours {
                contract_hours: Some(40),
                min_increment: Some(15),
                rollover_unused_hours: Some(true),
                rollover_type: Some(ContractRolloverType::Monthly),
                rollover_value: Some(2),
                ..BlockHours::default()
            }),
            ..CreateContract::new("Support 2026", "A & B")
        } => |contract| {
            assert_eq!(contract.bill_cycle, Some(ContractBillCycle::ContractLength));
            assert_eq!(contract.block_hours.unwrap().rollover_unused_hours, Some(true));
        }
        "over tickets, codes given as codes": CreateContract {
            bill_cycle: Some(ContractBillCycle::Monthly),
            contract_type: Some(ContractType::BlockTickets),
            block_tickets: Some(BlockTickets { contract_tickets: Some(25), ..BlockTickets::default() }),
            ..CreateContract::new("Tickets", "Example Ltd")
        } => |contract| {
            assert_eq!(contract.block_tickets.unwrap().contract_tickets, Some(25));
        }
    }
    update_contract {
        "by name, everything changed": UpdateContract {
            contract_name: Some("Support 2026".into()),
            name: some("Support 2027"),
            new_reference_number: some("C-2048"),
            setup_fees: Some(0),
            end_date: some("2027-12-31"),
            after_hours_included: Some(true),
            contract_category: Patch::Value("Prio".to_owned()),
            block_hours: Some(BlockHoursUpdate {
                rollover_unused_hours: Some(false),
                rollover_type: Some(ContractRolloverType::Monthly),
                rollover_value: Some(0),
            }),
            ..UpdateContract::new()
        } => |contract| {
            assert_eq!(contract.reference_number, Some("C-2048".into()));
        }
        "by reference number, category emptied by name": UpdateContract {
            reference_number: Some("C-1024".into()),
            new_reference_number: some("C-1025"),
            contract_category: Patch::Clear,
            ..UpdateContract::new()
        } => |contract| {
            assert_eq!(contract.contract_category, None);
        }
        "by both, category emptied by null": UpdateContract {
            reference_number: Some("C-1024".into()),
            contract_name: Some("Support 2026".into()),
            contract_category: Patch::Clear,
            ..UpdateContract::new()
        } => |contract| {
            assert_eq!(contract.contract_category.as_deref(), Some("--"));
        }
    }
    list_kb_articles {
        "titles": ListKbArticles::new() => |page| {
            assert_eq!(page.items, ["How to reset a password", "A/B & C+D?", "Привет 👋"].map(Into::into));
            assert_eq!((page.next, page.total), (None, Some(3)));
        }
    }
    get_kb_article {
        "a title that needs encoding": GetKbArticle::new("A/B & C+D? #1; Привет 👋") => |article| {
            assert_eq!(article.status, Some(KbArticleState::DraftOfPublished));
            assert_eq!(article.folder_name, None);
            let attachment = &article.attachments.unwrap()[0];
            assert_eq!(attachment.attachment_url.as_deref(), Some("https://files.example.com/a.png?x=1"));
            assert_eq!(article.article_views, Some(10));
        }
    }
    create_kb_article {
        "published at once": CreateKbArticle {
            folder_name: Some("First / steps".into()),
            created_by_email: Some("agent@example.com".into()),
            status: Some(KbArticleStatus::Published),
            ..CreateKbArticle::new(
                "How to reset a password",
                "<p>Choose <b>Forgot</b> & go\non.</p>",
                "Getting started",
            )
        } => |article| {
            assert_eq!(article.status, Some(KbArticleState::Published));
        }
        "draft, only what is required": CreateKbArticle {
            status: Some(KbArticleStatus::Draft),
            ..CreateKbArticle::new("T", "<p></p>", "C")
        } => |article| {
            assert_eq!(article.status, Some(KbArticleState::Draft));
        }
    }
    update_kb_article {
        "rename and unpublish": UpdateKbArticle {
            article_title: some("New"),
            article_content: some("<p>x</p>"),
            category_name: Some("C2".into()),
            folder_name: Some("F2".into()),
            status: Some(KbArticleStatus::Draft),
            ..UpdateKbArticle::new("Same & old")
        } => |article| {
            assert_eq!(article.article_title, Some("New".into()));
        }
    }
    delete_kb_article {
        "with a message": DeleteKbArticle::new("A+B") => |answer| {
            assert_eq!(answer["message"], "Article deleted successfully");
        }
    }
    get_kb_category {
        "by name": GetKbCategory::new("Q&A / Intro") => |category| {
            assert_eq!(category.support_portal_visibility, Some(KbSupportVisibility::ListedCompanies));
            assert_eq!(category.agent_portal_visibility, Some(KbAgentVisibility::AllAgents));
            assert_eq!(category.company_list, Some(vec!["Example Ltd".into()]));
            assert_eq!(category.extra["icon"], json!("book"));
        }
    }
    create_kb_category {
        "for listed companies and groups": CreateKbCategory {
            category_description: some("For \"partners\""),
            created_by_email: Some("agent@example.com".into()),
            support_portal_visibility: Some(KbSupportVisibility::ListedCompanies),
            company_list: Some(vec!["A & B".into(), "Example Ltd".into()]),
            agent_portal_visibility: Some(KbAgentVisibility::ListedGroups),
            agent_group_list: texts(&["Tier 2"]),
            ..CreateKbCategory::new("Partners")
        } => |category| {
            assert_eq!(category.agent_portal_visibility, Some(KbAgentVisibility::ListedGroups));
        }
    }
    update_kb_category {
        "rename, for signed-in contacts and all agents": UpdateKbCategory {
            new_category_name: some("New"),
            category_description: some("d"),
            support_portal_visibility: Some(KbSupportVisibility::SignedIn),
            agent_portal_visibility: Some(KbAgentVisibility::AllAgents),
            ..UpdateKbCategory::new("Old")
        } => |category| {
            assert_eq!(category.category_name, Some("New".into()));
        }
        "the same name in query and body": UpdateKbCategory {
            new_category_name: some("Same / name"),
            support_portal_visibility: Some(KbSupportVisibility::Hidden),
            ..UpdateKbCategory::new("Same / name")
        } => |category| {
            assert_eq!(category.support_portal_visibility, Some(KbSupportVisibility::Hidden));
        }
    }
    delete_kb_category {
        "with a message": DeleteKbCategory::new("Q&A / Intro") => |answer| {
            assert_eq!(answer["message"], "Category deleted successfully");
        }
    }
    get_kb_folder {
        "by category and folder": GetKbFolder::new("Q&A", "First + steps") => |folder| {
            assert_eq!(folder.category_name, Some("First + steps".into()));
            assert_eq!(folder.parent_category_name, Some("Q&A".into()));
        }
    }
    create_kb_folder {
        "all members": CreateKbFolder {
            created_by_email: Some("agent@example.com".into()),
            ..CreateKbFolder::new("Q&A", "First + steps")
        } => |folder| {
            assert_eq!(folder.parent_category_name, Some("Q&A".into()));
        }
    }
    update_kb_folder {
        "rename and move": UpdateKbFolder {
            new_category_name: Some("Other".into()),
            new_folder_name: some("New"),
            ..UpdateKbFolder::new("Q&A", "Old")
        } => |folder| {
            assert_eq!(folder.category_name, Some("New".into()));
        }
        "the same names in query and body": UpdateKbFolder {
            new_category_name: Some("C".into()),
            new_folder_name: some("F"),
            ..UpdateKbFolder::new("C", "F")
        } => |folder| {
            assert_eq!(folder.category_name, Some("F".into()));
        }
    }
    delete_kb_folder {
        "with a message": DeleteKbFolder::new("Q&A", "First/steps") => |answer| {
            assert_eq!(answer["message"], "Folder deleted successfully");
        }
    }
    list_locations {
        "the tree": ListLocations::new() => |page| {
            assert_eq!(page.items[0].parent_location_name, Some("".into()));
            assert_eq!(page.items[1].parent_location_name, Some("Head office".into()));
            assert_eq!(page.items[1].extra["floor_plan"], Value::Null);
            assert_eq!(page.total, Some(2));
        }
    }
    get_location {
        "by name": GetLocation::new("Floor #1 & 2") => |location| {
            assert_eq!(location.location_name, Some("Floor #1 & 2".into()));
        }
    }
    create_location {
        "all members": CreateLocation {
            parent_location_name: Some("Head office".into()),
            contact_name: some("Front desk"),
            contact_email: some("frontdesk@example.com"),
            contact_phone: some("555-0100"),
            location_address: some("1 Example Street"),
            location_city: some("Berlin"),
            location_state: some("BE"),
            location_country: some("Germany"),
            location_zipcode: some("00000"),
            ..CreateLocation::new("Floor 1")
        } => |location| {
            assert_eq!(location.parent_location_name, Some("Head office".into()));
        }
        "the name alone": CreateLocation::new("Depot 🚚") => |location| {
            assert_eq!(location.location_name, Some("Depot 🚚".into()));
        }
    }
    update_location {
        "rename and move": UpdateLocation {
            new_location_name: some("Floor one"),
            parent_location_name: Some("Annex".into()),
            contact_name: some("n"),
            contact_email: some("frontdesk@example.com"),
            contact_phone: some("p"),
            location_address: some("a"),
            location_city: some("c"),
            location_state: some("s"),
            location_country: some("co"),
            location_zipcode: some("z"),
            ..UpdateLocation::new("Floor 1")
        } => |location| {
            assert_eq!(location.location_name, Some("Floor one".into()));
        }
    }
    ping {
        "a bare sentence": Ping::new() => |sentence| {
            assert_eq!(sentence, "The API is up and running.");
        }
    }
    list_survey_ratings {
        "first page": ListSurveyRatings::new() => |page| {
            let rating = &page.items[0];
            assert_eq!(rating.survey_type, Some(SurveyType::CustomerSatisfaction));
            assert_eq!(rating.cs_neutral_type, Some(SurveyNeutralType::Neutral));
            let values = rating.ratings.as_ref().unwrap();
            assert_eq!((values.rating, values.cs_rating_2, values.cs_rating_3), (Some(-3), Some(3), None));
        }
        "later page": ListSurveyRatings { offset: Some(30) } => |page| {
            assert_eq!(page.items[0].survey_type, Some(SurveyType::NetPromoterScore));
            assert!(page.next.is_some());
        }
    }
    list_surveys {
        "all at once": ListSurveys::new() => |page| {
            let survey = &page.items[0];
            assert_eq!(survey.cs_rating_order, Some(SurveyRatingOrder::BadToGood));
            assert_eq!(survey.cs_neutral_type, Some(SurveyNeutralType::Negative));
            assert_eq!(survey.notify_type, Some(SurveyNotifyType::TicketResolved));
            assert_eq!(survey.cs_scale_point_map.as_ref().unwrap()["-1"], "Bad");
            assert_eq!(survey.questions.as_ref().unwrap().cs_question_2.as_deref(), Some("Fast?"));
        }
    }
    get_survey {
        "by name": GetSurvey::new("CSAT 50% + NPS") => |survey| {
            assert_eq!(survey.survey_type, Some(SurveyType::Unknown(4)));
            assert_eq!(survey.notify_type, Some(SurveyNotifyType::TicketClosed));
        }
    }
    list_ticket_conversations {
        "nothing asked for": ListTicketConversations::new(1234) => |page| {
            let reply = &page.items[0];
            assert_eq!((reply.id, reply.public_note), (Some(9), None));
            assert_eq!(reply.r#type, Some(ConversationType::Reply));
            assert_eq!(reply.sender_type, Some(SenderType::Agent));
            assert_eq!(reply.is_email_deliveribility_failiure, Some(false));
            let forward = &page.items[1];
            assert_eq!(forward.r#type, Some(ConversationType::Unknown("forward".to_owned())));
            assert_eq!(forward.extra["future"], json!([1, {"a": null}]));
        }
        "every flag": ListTicketConversations {
            sort_by: Some(ConversationOrder::LatestOnTop),
            include_contact_replies: Some(false),
            include_agent_replies: Some(true),
            include_private_notes: Some(false),
            include_public_notes: Some(true),
            include_forward_messages: Some(false),
            ..ListTicketConversations::new(1234)
        } => |page| {
            assert_eq!((page.items.len(), page.total), (0, Some(0)));
        }
    }
    create_ticket_note {
        "private by default": CreateTicketNote::new(1234, "<p>Checked & found \"it\"</p>") => |note| {
            assert_eq!((note.id, note.private_note), (Some(11), Some(true)));
            assert_eq!(note.ticket_number, Some(TicketNumber(1234)));
        }
        "public, all members": CreateTicketNote {
            agent_email: Some("agent@example.com".into()),
            notify_emails: some("agent@example.com,lead@example.com"),
            private_note: Some(false),
            ..CreateTicketNote::new(1234, "<p>x</p>")
        } => |note| {
            assert_eq!((note.id, note.private_note), (None, Some(false)));
        }
    }
    create_ticket_note_with_attachment {
        "one file": CreateTicketNoteWithAttachment {
            file: Some(text_file("log.txt", "Hello")),
            ..CreateTicketNoteWithAttachment::new(
                1234,
                NoteCreate { private_note: Some(true), ..NoteCreate::new("<p>x</p>") },
            )
        } => |note| {
            assert_eq!(note.attachments.unwrap()[0].file_size, Some(5));
        }
        "several files": CreateTicketNoteWithAttachment {
            files: Some(vec![text_file("a.txt", "A"), text_file("b.txt", "B"), text_file("c.txt", "")]),
            ..CreateTicketNoteWithAttachment::new(
                1234,
                NoteCreate {
                    agent_email: Some("agent@example.com".into()),
                    notify_emails: some("lead@example.com"),
                    private_note: Some(false),
                    ..NoteCreate::new("<p>x</p>")
                },
            )
        } => |note| {
            assert_eq!(note.private_note, Some(false));
        }
        "a long object moves into the form, the number with it": CreateTicketNoteWithAttachment {
            file: Some(text_file("a.txt", "A")),
            ..CreateTicketNoteWithAttachment::new(
                1234,
                NoteCreate::new(format!("<p>{}</p>", "a b,".repeat(1100))),
            )
        } => |note| {
            assert_eq!(note.ticket_number, Some(TicketNumber(1234)));
        }
    }
    create_ticket_reply {
        "the text alone": CreateTicketReply::new(1234, "<p>On its way 🚚</p>") => |reply| {
            assert_eq!(reply.to_email.as_deref(), Some("first@example.com"));
            assert_eq!(reply.cc_emails, None);
            assert_eq!(reply.extra["message_id"], json!("<1@example.com>"));
        }
        "all members": CreateTicketReply {
            cc_emails: some("a@example.org,b@example.org"),
            bcc_emails: some("c@example.org"),
            agent_email: Some("agent@example.com".into()),
            from_email: some("support@example.com"),
            include_prev_ccs: Some(false),
            include_prev_messages: Some(true),
            ..CreateTicketReply::new(1234, "x")
        } => |reply| {
            assert_eq!(reply.cc_emails.as_deref(), Some("a@example.org,b@example.org"));
        }
    }
    create_ticket_reply_with_attachment {
        "one file": CreateTicketReplyWithAttachment {
            file: Some(file("a b.pdf", "application/pdf", b"%PDF-")),
            ..CreateTicketReplyWithAttachment::new(
                1234,
                ReplyCreate {
                    cc_emails: some("a@example.org,b@example.org"),
                    ..ReplyCreate::new("<p>See & read</p>")
                },
            )
        } => |reply| {
            assert_eq!(reply.attachments.unwrap()[0].file_name.as_deref(), Some("a b.pdf"));
        }
        "several files": CreateTicketReplyWithAttachment {
            files: Some(vec![text_file("a.txt", "A"), text_file("a.txt", "B")]),
            ..CreateTicketReplyWithAttachment::new(
                1234,
                ReplyCreate {
                    bcc_emails: some("c@example.org"),
                    agent_email: Some("agent@example.com".into()),
                    from_email: some("support@example.com"),
                    include_prev_ccs: Some(true),
                    include_prev_messages: Some(false),
                    ..ReplyCreate::new("x")
                },
            )
        } => |reply| {
            assert_eq!(reply.ticket_number, Some(TicketNumber(1234)));
        }
        "a long object moves into the form, the number with it": CreateTicketReplyWithAttachment {
            file: Some(text_file("a.txt", "A")),
            ..CreateTicketReplyWithAttachment::new(
                1234,
                ReplyCreate {
                    include_prev_messages: Some(true),
                    ..ReplyCreate::new(format!("<p>{}</p>", "<b>".repeat(800)))
                },
            )
        } => |reply| {
            assert_eq!(reply.ticket_number, Some(TicketNumber(1234)));
        }
    }
    list_tickets {
        "nothing asked for": ListTickets::new() => |page| {
            let ticket = &page.items[0];
            assert_eq!(ticket.status, Some(TicketStatus::Unknown("Waiting on parts".to_owned())));
            assert_eq!(ticket.priority, Some(TicketPriority::Urgent));
            assert_eq!(ticket.r#type, Some(TicketType::Unknown("🐞 Bug".to_owned())));
            assert_eq!(ticket.source, Some(TicketSource::Unknown(19)));
            assert_eq!((ticket.form_is_deleted, ticket.conversation_count), (Some(false), Some(0)));
            assert_eq!(ticket.assigned_to, None);
            assert_eq!(ticket.extra["cf_Hoisted"], json!("x"));
            assert_eq!((page.next, page.total), (None, Some(1)));
        }
        "everything asked for": ListTickets {
            ticket_count: Some(50),
            offset: Some(100),
            include_description: Some(true),
            include_custom_fields: Some(true),
            include_survey_details: Some(true),
            nested_fields: Some(true),
            order_by: Some(TicketOrder::UpdatedTime),
            order_type: Some(SortDirection::Asc),
            updated_since: some("2026-01-31 08:00:00"),
            filters: Some(TicketFilters {
                status: Some(vec![TicketStatus::Open, TicketStatus::Unknown("Waiting on parts".to_owned())]),
                priority: Some(vec![TicketPriority::Urgent, TicketPriority::High, TicketPriority::Medium]),
                r#type: Some(vec![TicketType::Question]),
                group: texts(&["Billing & Co"]),
                assigned_to: texts(&["agent@example.com"]),
                category: texts(&["C"]),
                subcategory: texts(&["S"]),
                source: Some(vec![TicketSource::Email, TicketSource::SupportPortalAiAgent]),
                contact: texts(&["first@example.com"]),
                company_name: texts(&["Example Ltd"]),
                custom_fields: Some(BTreeMap::from([(
                    "cf_Region 🌍".to_owned(),
                    vec!["EU".to_owned(), "US".to_owned()],
                )])),
                include_merged: Some(false),
            }),
        } => |page| {
            let ticket = &page.items[0];
            assert_eq!(ticket.custom_fields, object(json!({"cf_Region 🌍": "EU"})));
            let survey = ticket.survey_rating.as_ref().unwrap();
            assert_eq!((survey.sv_answered, survey.sv_rating), (Some(true), Some(3)));
            assert_eq!(survey.extra["sv_new"], Value::Null);
            assert!(page.next.is_some());
        }
        "awkward values in filters, filters given as JSON text": ListTickets {
            filters: Some(TicketFilters {
                group: texts(&["A & B/C+D?", "Say \\\"hi\\\"", "Tier 2 🙂"]),
                assigned_to: texts(&["--"]),
                ..TicketFilters::default()
            }),
            ..ListTickets::new()
        } => |page| {
            assert_eq!(page.total, Some(0));
        }
    }
    search_tickets {
        "free text in chosen areas": SearchTickets::new(
            TicketSearchType::FreeText,
            SearchTicketsSearchQuery::FreeText(TicketTextSearch {
                search_in: Some(vec![
                    TicketSearchArea::SubjectAndNumber,
                    TicketSearchArea::Messages,
                    TicketSearchArea::Archived,
                ]),
                ..TicketTextSearch::new("printer & \"ink\"")
            }),
        ) => |page| {
            assert_eq!(page.items[0].subject.as_deref(), Some("printer"));
        }
        "by field, everything asked for": SearchTickets {
            ticket_count: Some(100),
            offset: Some(200),
            include_description: Some(true),
            include_custom_fields: Some(false),
            include_survey_details: Some(true),
            order_by: Some(TicketSearchOrder::CreatedTime),
            include_merged: Some(false),
            ..SearchTickets::new(
                TicketSearchType::ByField,
                SearchTicketsSearchQuery::ByField(TicketFieldSearch::new(vec![
                    TicketSearchTerm {
                        search_in: Some(vec![
                            TicketSearchField::Subject,
                            TicketSearchField::Unknown("cf_Order № 1".to_owned()),
                        ]),
                        ..TicketSearchTerm::new("ink")
                    },
                    TicketSearchTerm {
                        search_in: Some(vec![TicketSearchField::TicketNumber]),
                        ..TicketSearchTerm::new("12")
                    },
                ])),
            )
        } => |page| {
            assert_eq!(page.items[0].ticket_number, Some(TicketNumber(12)));
            assert_eq!((page.next, page.total), (None, Some(201)));
        }
    }
    get_ticket {
        "in full": GetTicket::new(1234) => |ticket| {
            assert_eq!(ticket.subject.as_deref(), Some("Printer é🙂"));
            assert_eq!(ticket.priority, Some(TicketPriority::Low));
            assert_eq!(ticket.source, Some(TicketSource::Api));
            assert_eq!(ticket.assigned_to, Some("agent@example.com".into()));
            assert_eq!(ticket.completed_within_sla, Some(true));
            assert_eq!(ticket.subcategory.as_deref(), Some("S"));
            let fields = ticket.custom_fields.unwrap();
            assert_eq!((&fields["cf_Amount"], &fields["cf_Empty"]), (&json!(12.5), &Value::Null));
            assert_eq!(ticket.attachments.unwrap()[0].file_size, Some(2048));
            assert_eq!(ticket.watchers, agents(&["lead@example.com"]));
            assert_eq!(ticket.extra["brand_new"], json!({"nested": [1, 2, {"deep": null}]}));
        }
    }
    create_ticket {
        "only what is required": CreateTicket::new("first@example.com", "Printer does not print") => |ticket| {
            assert_eq!(ticket.ticket_number, Some(TicketNumber(1235)));
            assert_eq!(ticket.status, Some(TicketStatus::Open));
        }
        "all members": CreateTicket {
            description: some("<p>Line\u{2028}one</p>\n"),
            form_name: some("Default"),
            status: Some(TicketStatus::Pending),
            priority: Some(TicketPriority::Urgent),
            r#type: Some(TicketType::Unknown("🐞 Bug".to_owned())),
            assign_to: Some("agent@example.com".into()),
            group: some("Billing & Co"),
            category: some("C"),
            sub_category: some("S"),
            custom_fields: object(json!({"cf_Amount": 12.5, "cf_Empty": null, "cf_Order № 1": "A-1", "cf_Paid?": false})),
            watchers: agents(&["lead@example.com", "agent@example.com"]),
            share_to: Some(vec!["second@example.com".into()]),
            ..CreateTicket::new("first@example.com", "Say \"hi\" 🙂 \\ /")
        } => |ticket| {
            assert_eq!(ticket.priority, Some(TicketPriority::Urgent));
        }
    }
    create_ticket_with_attachment {
        "one file": CreateTicketWithAttachment {
            file: Some(file("a.png", "image/png", b"\x89PNG\r\n\x1a\n")),
            ..CreateTicketWithAttachment::new(TicketCreate {
                priority: Some(TicketPriority::High),
                custom_fields: object(json!({"cf_Paid?": true})),
                ..TicketCreate::new("first@example.com", "A & B")
            })
        } => |ticket| {
            assert_eq!(ticket.attachments.unwrap()[0].file_size, Some(8));
        }
        "several files": CreateTicketWithAttachment {
            files: Some(vec![text_file("a.txt", "A"), text_file("b.txt", "--BOUNDARY")]),
            ..CreateTicketWithAttachment::new(TicketCreate {
                watchers: agents(&["lead@example.com"]),
                ..TicketCreate::new("first@example.com", "S")
            })
        } => |ticket| {
            assert_eq!(ticket.ticket_number, Some(TicketNumber(1238)));
        }
        "a long object moves into the form": CreateTicketWithAttachment {
            file: Some(text_file("a.txt", "A")),
            ..CreateTicketWithAttachment::new(TicketCreate {
                description: Some(format!("<p>{}</p>", "Ünï & \"q\" ".repeat(500))),
                ..TicketCreate::new("first@example.com", "S")
            })
        } => |ticket| {
            assert_eq!(ticket.ticket_number, Some(TicketNumber(1239)));
        }
    }
    update_ticket {
        "emptied by name": UpdateTicket {
            status: Some(TicketStatus::Resolved),
            assign_to: Patch::Clear,
            group: Patch::Clear,
            ..UpdateTicket::new(1234)
        } => |ticket| {
            assert_eq!((ticket.assigned_to, ticket.group), (None, None));
        }
        "emptied by null": UpdateTicket {
            assign_to: Patch::Clear,
            group: Patch::Clear,
            category: Patch::Clear,
            sub_category: Patch::Clear,
            ..UpdateTicket::new(1234)
        } => |ticket| {
            assert_eq!(ticket.ticket_number, Some(TicketNumber(1234)));
        }
        "all members": UpdateTicket {
            contact_email: Some("second@example.com".into()),
            subject: some("New"),
            description: some("<p>new</p>"),
            sla: some("Gold"),
            status: Some(TicketStatus::Closed),
            priority: Some(TicketPriority::Medium),
            r#type: Some(TicketType::Incident),
            assign_to: Patch::Value("agent@example.com".into()),
            group: Patch::Value("Billing".to_owned()),
            category: Patch::Value("C".to_owned()),
            sub_category: Patch::Value("S".to_owned()),
            custom_fields: object(json!({"cf_A": 1})),
            watchers: Some(AddRemove { add: texts(&["agent@example.com"]), remove: texts(&["lead@example.com"]) }),
            share_to: Some(AddRemove { add: texts(&["third@example.com"]), remove: None }),
            ..UpdateTicket::new(1234)
        } => |ticket| {
            assert_eq!(ticket.status, Some(TicketStatus::Closed));
        }
    }
    list_time_entries {
        "nothing asked for": ListTimeEntries::new() => |page| {
            let entry = &page.items[0];
            assert_eq!(entry.id, Some(TimeEntryId(9_007_199_254_740_993)));
            assert_eq!((entry.billable, entry.timer_running), (Some(true), Some(false)));
            assert_eq!(entry.time_spent_in_minutes, Some(20));
        }
        "everything asked for": ListTimeEntries {
            ticket_number: Some(TicketNumber(1234)),
            time_entries_count: Some(30),
            agent_email: Some("agent@example.com".into()),
            company_name: Some("A & B".into()),
            started_before: some("2026-02-01 00:00:00"),
            started_after: some("2026-01-01 00:00:00"),
            created_after: some("2026-01-01 12:34:56"),
            updated_after: some("2026-01-02 00:00:00"),
            billable: Some(true),
            timer_running: Some(false),
            offset: Some(30),
        } => |page| {
            assert_eq!((page.next, page.total), (None, Some(31)));
        }
    }
    get_time_entry {
        "a number beyond 2^53": GetTimeEntry::new(9_007_199_254_740_993) => |entry| {
            assert_eq!((entry.billable, entry.time_spent_in_minutes), (Some(false), Some(90)));
        }
    }
    create_time_entry {
        "all members": CreateTimeEntry {
            start_time: some("2026-01-31 08:00:00"),
            note: some("On site"),
            billable: Some(true),
            additional_info: some("x"),
            ..CreateTimeEntry::new(1234, "agent@example.com", 90)
        } => |entry| {
            assert_eq!(entry.id, Some(TimeEntryId(3)));
        }
        "only what is required": CreateTimeEntry::new(1234, "agent@example.com", 15) => |entry| {
            assert_eq!(entry.time_spent_in_minutes, Some(15));
        }
    }
}
