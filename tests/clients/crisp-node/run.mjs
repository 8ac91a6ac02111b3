// Calls the methods of the official client, one after the other, and prints a line of JSON for each call.
//
// The environment gives CRISP_HOST and, as JSON, CRISP_ACCOUNTS: credentials by kind (website, user, plugin).

import { Crisp } from "crisp-api";

const host = process.env.CRISP_HOST;
const accounts = JSON.parse(process.env.CRISP_ACCOUNTS);
const id = accounts.website.website_id;

function client({ identifier, key, tier }) {
  const made = new Crisp();
  made.setRestHost(host);
  made.authenticateTier(tier, identifier, key);
  return made;
}

const clients = Object.fromEntries(Object.entries(accounts).map(([kind, account]) => [kind, client(account)]));
const called = new Set();

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// A call that must succeed; gives its data.
async function call(kind, method, ...args) {
  const [service, name] = method.split(".");
  called.add(method);
  try {
    const data = await clients[kind][service][name](...args);
    print({ method, data });
    return data;
  } catch (error) {
    print({ method, args, error });
    process.exit(1);
  }
}

// A call that must be refused with this status and reason.
async function refused(code, reason, kind, method, ...args) {
  const [service, name] = method.split(".");
  try {
    const data = await clients[kind][service][name](...args);
    print({ method, args, error: "was not refused", data });
    process.exit(1);
  } catch (error) {
    const fits = error.code === code && error.message === reason;
    print({ method, refused: { code: error.code, reason: error.message }, ...(fits ? {} : { error: "refused otherwise" }) });
    if (!fits) process.exit(1);
  }
}

const website = (name, ...args) => call("website", `website.${name}`, id, ...args);
const user = (name, ...args) => call("user", `website.${name}`, id, ...args);

async function conversations() {
  const { session_id: session } = await website("createNewConversation");
  await website("checkConversationExists", session);
  const send = (message) => website("sendMessageInConversation", session, { from: "operator", origin: "chat", ...message });
  await send({ type: "text", from: "user", content: "Hello from the official client" });
  const once = { type: "text", content: "Sent twice, kept once", fingerprint: 163239623329114 };
  await send(once);
  const { fingerprint } = await send(once);
  await send({ type: "note", content: "Nobody but us reads this" });
  const { fingerprint: file } = await send({
    type: "file",
    content: { name: "a b.pdf", url: "https://files.example/a%20b.pdf", type: "application/pdf" },
  });
  const original = await send({
    type: "text",
    from: "user",
    origin: "email",
    content: "By mail",
    original: { type: "text/html", content: "<p>By mail</p>" },
  });
  await website("listConversations", 1, { per_page: 20, order_date_updated: 1 });
  await website("listConversations", 1, {
    search_type: "filter",
    search_query: [{ model: "session", criterion: "state", operator: "eq", query: ["resolved"] }],
  });
  await website("getConversation", session);
  const messages = await website("getMessagesInConversation", session);
  await website("getMessagesInConversation", session, messages[2].timestamp);
  await website("getMessageInConversation", session, fingerprint);
  await website("updateMessageInConversation", session, fingerprint, "Edited");
  await website("removeMessageInConversation", session, file);
  const { original: kept } = await website("getMessageInConversation", session, original.fingerprint);
  await website("getOriginalMessageInConversation", session, kept.original_id);
  await website("composeMessageInConversation", session, { type: "start", from: "operator", excerpt: "I am" });
  await website("markMessagesReadInConversation", session, { from: "user", origin: "chat", fingerprints: [String(original.fingerprint)] });
  await website("markConversationAsUnread", session, { from: "user" });
  await website("markMessagesDeliveredInConversation", session, { from: "operator", origin: "chat", fingerprints: [fingerprint] });
  await website("updateConversationOpenState", session, true);
  await website("getConversationRoutingAssign", session);
  const [{ details }] = await website("listWebsiteOperators");
  await website("assignConversationRouting", session, { assigned: { user_id: details.user_id } });
  const [inbox] = await website("listInboxes");
  await website("updateConversationInbox", session, inbox.inbox_id);
  await website("updateConversationMetas", session, {
    nickname: "Node Client",
    email: "node@client.example",
    segments: ["node", "vip"],
    data: { seats: 3, trial: true },
  });
  await website("getConversationMetas", session);
  await website("listConversationPages", session);
  await website("listConversationEvents", session);
  await website("listConversationFiles", session);
  await website("getConversationState", session);
  await website("changeConversationState", session, "resolved", { nickname: "Node" }, "urn:client.example:node:0");
  await website("getConversationRelations", session);
  await website("saveConversationParticipants", session, { participants: [{ type: "email", target: "second@client.example" }] });
  await website("getConversationParticipants", session);
  await website("blockIncomingMessagesForConversation", session, true);
  await website("getBlockStatusForConversation", session);
  await website("updateVerifyStatusForConversation", session, true);
  await website("getVerifyStatusForConversation", session);
  await website("requestIdentityVerificationForConversation", session, { identity: "email", method: "link" });
  await website("requestEmailTranscriptForConversation", session, "operator", "boss@client.example");
  await website("requestChatboxBindingPurgeForConversation", session);
  await website("requestUserFeedbackForConversation", session);
  const { call_id: call_ } = await website("initiateNewCallSessionForConversation", session, "video");
  await website("getOngoingCallSessionForConversation", session);
  await website("transmitSignalingOnOngoingCallSession", session, call_, { type: "sdp", payload: { a: 1 } });
  await website("abortOngoingCallSessionForConversation", session, call_);
  await website("scheduleReminderForConversation", session, "2026-04-01T09:00:00.000Z", "Call back");
  await website("reportConversation", session, "spam");
  await website("listSuggestedConversationSegments");
  await website("deleteSuggestedConversationSegment", "node");
  await website("listSuggestedConversationDataKeys");
  await website("deleteSuggestedConversationDataKey", "trial");
  const { plugin_id: plugin } = await call("plugin", "plugin.getConnectAccount");
  await call("plugin", "website.requestToolCallForConversation", id, session, "cart.show", { id: 4 });
  await user("deliverWidgetButtonActionForConversation", session, plugin, "orders", "4", {}, "on");
  await user("deliverWidgetDataFetchActionForConversation", session, plugin, "orders", "4", { page: 1 });
  await user("deliverWidgetDataEditActionForConversation", session, plugin, "orders", "4", "blue");
  const gone = await website("createNewConversation");
  await website("removeConversation", gone.session_id);
  await refused(404, "not_found", "website", "website.getConversation", id, gone.session_id);
  return session;
}

async function spamAndVisitors() {
  const [spam] = await user("listSpamConversations");
  await user("resolveSpamConversationContent", spam.spam_id);
  await user("submitSpamConversationDecision", spam.spam_id, "reject");
  await website("countVisitors");
  const visitors = await website("listVisitors");
  const quiet = visitors.find((visitor) => !visitor.initiated);
  await website("initiateConversationWithExistingSession", quiet.session_id);
  await website("initiateBrowsingSessionForConversation", quiet.session_id);
  const [{ browsing_id: browsing }] = await website("listBrowsingSessionsForConversation", quiet.session_id);
  await website("sendActionToExistingBrowsingSession", quiet.session_id, browsing, "start");
  await website("assistExistingBrowsingSession", quiet.session_id, browsing, { action: "click", click: { x: 4, y: 2 } });
  await website("pinpointVisitorsOnMap");
  await website("pinpointVisitorsOnMap", 2.35, 48.86, 400);
  await user("countBlockedVisitors");
  await user("countBlockedVisitorsInRule", "ip");
  await user("clearBlockedVisitorsInRule", "email");
}

async function people() {
  const { people_id: person } = await website("addNewPeopleProfile", {
    email: "person@client.example",
    person: { nickname: "Node Person" },
    segments: ["node"],
  });
  await website("checkPeopleProfileExists", person);
  await website("getPeopleProfile", "person@client.example");
  await website("updatePeopleProfile", person, { person: { phone: "+1 555 0177" } });
  await website("savePeopleData", person, { data: { plan: "Plus", seats: 3 } });
  await website("updatePeopleData", person, { data: { seats: 4 } });
  await website("getPeopleData", person);
  await website("addPeopleEvent", person, { text: "node:ran", data: { n: 1 }, color: "green" });
  await website("listPeopleEvents", person);
  await website("getPeopleSubscriptionStatus", person);
  await website("updatePeopleSubscriptionStatus", person, { email: false });
  await website("listPeopleConversations", person);
  await user("listPeopleCampaigns", person);
  await website("getPeopleStatistics");
  const filter = [{ model: "people", criterion: "segments", operator: "eq", query: ["node"] }];
  await website("listPeopleProfiles", 1, "updated_at", "descending", "and", filter, "person@client");
  await website("listSuggestedPeopleSegments");
  await website("deleteSuggestedPeopleSegment", "newsletter");
  await website("listSuggestedPeopleDataKeys");
  await website("deleteSuggestedPeopleDataKey", "seats");
  await website("listSuggestedPeopleEvents");
  await website("deleteSuggestedPeopleEvent", "node:ran");
  await user("exportPeopleProfiles");
  await user("importPeopleProfiles", {
    url: "https://files.example/people.csv",
    mapping: [{ column: 0, field: "email" }],
    options: { skip_header: true },
  });
  const { people_id: other } = await website("addNewPeopleProfile", { email: "other@client.example", person: { nickname: "Other" } });
  await website("savePeopleProfile", other, { email: "renamed@client.example", person: { nickname: "Renamed" } });
  await website("removePeopleProfile", other);
}

async function campaigns() {
  await refused(403, "restricted_route_tier", "website", "website.listCampaigns", id, 1);
  await user("listCampaigns");
  await user("listCampaignTags");
  const { campaign_id: campaign } = await user("createNewCampaign", "one-shot", "From Node");
  const [{ details }] = await website("listWebsiteOperators");
  await user("checkCampaignExists", campaign);
  await user("saveCampaign", campaign, {
    type: "one-shot",
    format: "markdown",
    name: "From Node",
    subject: "Hello",
    sender: { user_id: details.user_id },
    recipients: { type: "segments", segments: ["newsletter"] },
    flow: {},
    message: "Hello!",
  });
  await user("updateCampaign", campaign, { tag: "node" });
  await user("getCampaign", campaign);
  await user("testCampaign", campaign);
  await user("listCampaignRecipients", campaign);
  await user("dispatchCampaign", campaign);
  await user("pauseCampaign", campaign);
  await user("resumeCampaign", campaign);
  await user("listCampaignStatistics", campaign, "opened");
  const gone = await user("createNewCampaign", "automated", "Gone");
  await user("removeCampaign", gone.campaign_id);
  await website("listCampaignTemplates");
  const { template_id: template } = await website("createNewCampaignTemplate", "html", "Node");
  await website("checkCampaignTemplateExists", template);
  await website("saveCampaignTemplate", template, { name: "Node", format: "html", content: "<p>Hi</p>" });
  await website("updateCampaignTemplate", template, { content: "<p>Ho</p>" });
  await website("getCampaignTemplate", template);
  await website("removeCampaignTemplate", template);
}

async function helpdesk() {
  await website("checkHelpdeskExists");
  await website("resolveHelpdesk");
  await website("listHelpdeskLocales");
  await website("addHelpdeskLocale", "de");
  await website("checkHelpdeskLocaleExists", "de");
  await website("resolveHelpdeskLocale", "de");
  const tree = ["de", "articles"];
  await website("createHelpdeskTreePath", ...tree, "regale");
  await website("createHelpdeskTreePath", ...tree, "regale/ecke");
  await website("saveHelpdeskTreeContent", ...tree, "regale/ecke", "# Ecke");
  await website("updateHelpdeskTreeMetadata", ...tree, "regale/ecke", { title: "Eckregal", state: { published: true } });
  await website("resolveHelpdeskTreePath", ...tree, "regale");
  await website("resolveHelpdeskTreeContent", ...tree, "regale/ecke");
  await website("resolveHelpdeskTreeMetadata", ...tree, "regale/ecke");
  await website("resolveHelpdeskTreePage", ...tree, "regale/ecke");
  await website("listHelpdeskTree", ...tree, 1, "regale", "eck", "2020-01-01", "2030-01-01");
  const [page] = await website("listHelpdeskPages", ...tree);
  await website("resolveHelpdeskPageEntity", ...tree, page.entity_id);
  await website("updateHelpdeskTreePath", ...tree, "regale/ecke", { action: "move", path: { to: "ecke" } });
  await website("deleteHelpdeskTreePath", ...tree, "regale");
  const [change] = await website("listHelpdeskHistoryChanges", 1, "de", "articles", "regale");
  await website("resolveHelpdeskHistoryChange", change.change_id);
  await website("cancelHelpdeskHistoryChange", change.change_id, "cancel");
  await website("requestHelpdeskContentRefresh", ...tree);
  await website("mapHelpdeskLocaleFeedbackRatings", "en", "articles", "2020-01-01");
  await website("listHelpdeskLocaleFeedbacks", "en", "articles");
  await user("importExternalHelpdeskToLocale", ...tree, { helpdesk_url: "https://old.example/" });
  await user("exportHelpdeskLocaleArticles", ...tree);
  await website("addHelpdeskRedirection", "/alt", "/neu");
  const [redirection] = await website("listHelpdeskRedirections");
  await website("checkHelpdeskRedirectionExists", redirection.redirection_id);
  await website("resolveHelpdeskRedirection", redirection.redirection_id);
  await website("deleteHelpdeskRedirection", redirection.redirection_id);
  await website("saveHelpdeskSettings", { behavior: { show_chatbox: false } });
  await website("resolveHelpdeskSettings");
  await user("resolveHelpdeskDomain");
  await user("requestHelpdeskDomainChange", "node-help");
  await user("generateHelpdeskDomainSetupFlow", "help.client.example");
  await website("deleteHelpdeskLocale", "fr");
}

async function workspace() {
  const [{ details }] = await website("listWebsiteOperators");
  const operator = details.user_id;
  await user("generateAnalytics", {
    metric: "conversation",
    type: "total",
    date: { from: "2025-01-01", to: "2026-12-31", split: "month", timezone: "Europe/Paris" },
  });
  await website("getWebsiteAvailabilityStatus");
  await website("listWebsiteOperatorAvailabilities");
  await call("website", "website.checkWebsiteExists", "acme.example");
  await website("getWebsite");
  await website("getConnectEndpoints");
  const inbox = { name: "Node", emoji: "🟢", order: 8, operators: [operator], conditions: [] };
  const { inbox_id } = await user("createNewInbox", inbox);
  await website("checkInboxExists", inbox_id);
  await user("saveInbox", inbox_id, { ...inbox, name: "Node!" });
  await website("getInbox", inbox_id);
  await user("batchOrderInboxes", { orders: [{ inbox_id, order: 0 }] });
  const spare = await user("createNewInbox", inbox);
  await user("deleteInbox", spare.inbox_id);
  await website("listLastActiveWebsiteOperators");
  await user("flushLastActiveWebsiteOperators");
  await website("sendEmailToWebsiteOperators", { recipient: "owners", subject: "Hi", message: "Hello" });
  await website("getWebsiteOperator", operator);
  const verify = { method: "password", secret: "sample" };
  await user("inviteWebsiteOperator", "invited@client.example", "member", verify);
  const listed = await website("listWebsiteOperators");
  await user("changeOperatorMembership", listed[1].details.user_id, "owner", "Second in Command");
  await user("unlinkOperatorFromWebsite", listed[3].details.user_id);
  await website("updateWebsiteSettings", { chatbox: { tile: "node" } });
  await website("getWebsiteSettings");
  const { team_id: team } = await website("createNewTeam", { name: "Node", emoji: "🟢", operators: [operator] });
  await website("listTeams");
  await website("checkTeamExists", team);
  await website("getTeam", team);
  await website("saveTeam", team, { name: "Node!", emoji: "🟢", operators: [] });
  await website("deleteTeam", team);
  await website("getVerifySettings");
  await website("updateVerifySettings", { enabled: true });
  await website("getVerifyKey");
  await website("rollVerifyKey");
  await user("deleteWebsite", verify);
  await user("abortWebsiteDeletion");
  await call("user", "website.createWebsite", { name: "Made by Node", domain: "made.client.example" });
}

async function batches() {
  const made = [];
  for (const text of ["one", "two"]) {
    const { session_id } = await website("createNewConversation");
    await website("sendMessageInConversation", session_id, { type: "text", from: "user", origin: "chat", content: text });
    made.push(session_id);
  }
  const operation = (more) => ({ sessions: made, ...more });
  const [{ details }] = await website("listWebsiteOperators");
  const [inbox] = await website("listInboxes");
  await user("batchResolveConversations", operation());
  await user("batchUnresolveConversations", operation());
  await user("batchReadConversations", operation());
  await user("batchUnreadConversations", operation());
  await user("batchReportConversations", operation({ flag: "spam" }));
  await user("batchBlockConversations", operation({ blocked: true }));
  await user("batchRoutingConversations", operation({ assigned: { user_id: details.user_id } }));
  await user("batchInboxConversations", operation({ inbox_id: inbox.inbox_id }));
  await user("batchUpdateConversationsData", operation({ data: { batch: true } }));
  await user("batchUpdateConversationsSegments", operation({ segments: ["batched"] }));
  const last = made.pop();
  await user("batchRemoveConversations", operation());
  const { people_id } = await website("addNewPeopleProfile", { email: "batch@client.example", person: { nickname: "Batch" } });
  await user("batchUpdatePeopleData", { profiles: [people_id] }, { batch: true });
  await user("batchUpdatePeopleSegments", { profiles: [people_id] }, ["batched"]);
  const search = { filter: [{ model: "people", criterion: "segments", operator: "eq", query: ["batched"] }] };
  await user("batchRemovePeople", { search });
  return last;
}

async function plansAndPlugins() {
  const plan = await call("user", "plan.getPlanSubscriptionForWebsite", id);
  await call("user", "plan.listAllActiveSubscriptions");
  await call("user", "plan.changeBillPeriodForWebsitePlanSubscription", id, "yearly");
  await call("user", "plan.checkCouponAvailabilityForWebsitePlanSubscription", id, "SPRING-20");
  await call("user", "plan.redeemCouponForWebsitePlanSubscription", id, "SPRING-20");
  await call("user", "plan.unsubscribePlanFromWebsite", id);
  await call("user", "plan.subscribeWebsiteToPlan", id, plan.id);
  await call("plugin", "plugin.checkConnectSessionValidity");
  await call("plugin", "plugin.listAllConnectWebsites", 1, true, true);
  await call("plugin", "plugin.listConnectWebsitesSince", "2020-01-01T00:00:00.000Z");
  await call("plugin", "plugin.getConnectEndpoints");
  const { plugin_id: plugin } = await call("plugin", "plugin.getConnectAccount");
  await call("user", "plugin.listAllActiveSubscriptions");
  await call("user", "plugin.listSubscriptionsForWebsite", id);
  await call("plugin", "plugin.getSubscriptionDetails", id, plugin);
  await call("plugin", "plugin.saveSubscriptionSettings", id, plugin, { shop: "node" });
  await call("plugin", "plugin.updateSubscriptionSettings", id, plugin, { deep: { a: 1 } });
  await call("plugin", "plugin.getSubscriptionSettings", id, plugin);
  await call("plugin", "plugin.reportPluginUsageToBill", id, plugin, { name: "sms", units: 2, price: 0.04 });
  await call("plugin", "plugin.getPluginUsageBills", id, plugin);
  await call("plugin", "plugin.getPluginAttestProvenance", id, plugin);
  await call("plugin", "plugin.forwardPluginPayloadToChannel", id, plugin, { namespace: "orders", payload: { id: 4 } });
  await call("plugin", "plugin.dispatchPluginEvent", id, plugin, { name: "order", data: { id: 4 } });
  await call("user", "plugin.unsubscribePluginFromWebsite", id, plugin);
  await refused(404, "not_subscribed", "plugin", "website.getWebsite", id);
  await call("user", "plugin.subscribeWebsiteToPlugin", id, plugin);
  await call("website", "bucket.generateBucketURL", {
    namespace: "upload",
    id: "node-upload",
    file: { name: "a.pdf", type: "application/pdf" },
    resource: { type: "website", id },
  });
  await call("user", "media.listAnimationMedias", 1, "0b0c0d0e-1111-4222-8333-444455556666", "hello");
}

const session = await conversations();
await spamAndVisitors();
await people();
await campaigns();
await helpdesk();
await workspace();
const batched = await batches();
await plansAndPlugins();
// What empties the knowledge base comes last.
await user("deleteHelpdesk", { method: "password", secret: "sample" });
await user("initializeHelpdesk", "Made by Node", "made-by-node");

const all = Object.entries({ ...clients.user })
  .filter(([, service]) => service && typeof service === "object" && Array.isArray(service.__resources))
  .flatMap(([service, methods]) =>
    Object.keys(methods)
      .filter((name) => typeof methods[name] === "function")
      .map((name) => `${service}.${name}`),
  );
print({ done: true, session, batched, called: called.size, known: all.length, missed: all.filter((name) => !called.has(name)) });
