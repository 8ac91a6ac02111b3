//! Every operation as a typed call.

deskhand_tests::typed_calls! { deskhand_gorgias:
    // account
    GetAccount
    // account_settings
    ListAccountSettings
    CreateAccountSetting
    UpdateAccountSetting
    // custom_fields
    ListCustomFields
    CreateCustomField
    BulkUpdateCustomFields
    GetCustomField
    UpdateCustomField
    // customer_field_values
    ListCustomerFieldValues
    UpdateCustomerFieldValues
    UpdateCustomerFieldValue
    DeleteCustomerFieldValue
    // customers
    ListCustomers
    GetCustomer
    CreateCustomer
    DeleteCustomers
    UpdateCustomer
    DeleteCustomer
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
    ListMacros
    GetMacro
    CreateMacro
    UpdateMacro
    DeleteMacro
    ArchiveMacros
    UnarchiveMacros
    // messages
    ListMessages
    GetTicketMessage
    CreateTicketMessage
    UpdateTicketMessage
    DeleteTicketMessage
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
    Search
    // statistics
    RetrieveStatistic
    DownloadStatistic
    // tags
    ListTags
    GetTag
    CreateTag
    UpdateTag
    MergeTags
    DeleteTag
    DeleteTags
    // teams
    ListTeams
    CreateTeam
    GetTeam
    UpdateTeam
    DeleteTeam
    // ticket_field_values
    ListTicketFieldValues
    UpdateTicketFieldValues
    UpdateTicketFieldValue
    DeleteTicketFieldValue
    // ticket_messages
    ListTicketMessages
    // ticket_tags
    ListTicketTags
    AddTicketTags
    SetTicketTags
    RemoveTicketTags
    // tickets
    ListTickets
    GetTicket
    CreateTicket
    UpdateTicket
    DeleteTicket
    // users
    ListUsers
    CreateUser
    GetUser
    UpdateUser
    DeleteUser
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
