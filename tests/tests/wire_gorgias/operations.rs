//! Every operation as a typed call.

deskhand_tests::typed_calls! { deskhand_gorgias:
    // account
    // account_settings
    // custom_fields
    ListCustomFields
    // customer_field_values
    // customers
    MergeCustomers
    SetCustomerData
    // events
    ListEvents
    // files
    UploadFiles
    DownloadFile
    // integrations
    // jobs
    // macros
    // messages
    CreateTicketMessage
    // reporting
    // rules
    // satisfaction_surveys
    // search
    // statistics
    // tags
    DeleteTags
    // teams
    // ticket_field_values
    UpdateTicketFieldValues
    UpdateTicketFieldValue
    // ticket_tags
    ListTicketTags
    SetTicketTags
    // tickets
    ListTickets
    GetTicket
    UpdateTicket
    // users
    // views
    ListViews
    ListViewItems
    SearchViewItems
    // voice_call_events
    // voice_call_recordings
    // voice_calls
    // widgets
}
