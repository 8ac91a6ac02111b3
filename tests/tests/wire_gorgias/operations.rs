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
    ListMacros
    GetMacro
    CreateMacro
    UpdateMacro
    DeleteMacro
    ArchiveMacros
    UnarchiveMacros
    // messages
    CreateTicketMessage
    // reporting
    // rules
    // satisfaction_surveys
    // search
    Search
    // statistics
    // tags
    ListTags
    GetTag
    CreateTag
    UpdateTag
    MergeTags
    DeleteTag
    DeleteTags
    // teams
    // ticket_field_values
    ListTicketFieldValues
    UpdateTicketFieldValues
    UpdateTicketFieldValue
    DeleteTicketFieldValue
    // ticket_tags
    ListTicketTags
    AddTicketTags
    SetTicketTags
    RemoveTicketTags
    // tickets
    ListTickets
    GetTicket
    UpdateTicket
    // users
    // view_items
    ListViewItems
    // views
    ListViews
    GetView
    CreateView
    UpdateView
    DeleteView
    SearchViewItems
    // voice_call_events
    // voice_call_recordings
    // voice_calls
    // widgets
}
