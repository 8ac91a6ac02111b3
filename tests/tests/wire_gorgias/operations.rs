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
    GetEvent
    // files
    UploadFiles
    DownloadFile
    // integrations
    ListIntegrations
    CreateIntegration
    GetIntegration
    UpdateIntegration
    DeleteIntegration
    // jobs
    ListJobs
    CreateJob
    GetJob
    UpdateJob
    CancelJob
    // macros
    // messages
    CreateTicketMessage
    // reporting
    RetrieveReportingStatistic
    // rules
    ListRules
    CreateRule
    UpdateRulesPriorities
    GetRule
    UpdateRule
    DeleteRule
    // satisfaction_surveys
    ListSatisfactionSurveys
    CreateSatisfactionSurvey
    GetSatisfactionSurvey
    UpdateSatisfactionSurvey
    // search
    // statistics
    RetrieveStatistic
    DownloadStatistic
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
    ListVoiceCallEvents
    GetVoiceCallEvent
    // voice_call_recordings
    ListVoiceCallRecordings
    GetVoiceCallRecording
    DeleteVoiceCallRecording
    // voice_calls
    ListVoiceCalls
    GetVoiceCall
    // widgets
    ListWidgets
    CreateWidget
    GetWidget
    UpdateWidget
    DeleteWidget
}
