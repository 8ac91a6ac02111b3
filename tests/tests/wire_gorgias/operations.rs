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
    ListTeams
    CreateTeam
    GetTeam
    UpdateTeam
    DeleteTeam
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
    ListUsers
    CreateUser
    GetUser
    UpdateUser
    DeleteUser
    // views
    ListViews
    ListViewItems
    SearchViewItems
    // voice_call_events
    // voice_call_recordings
    // voice_calls
    // widgets
}
