//! The part every simulated helpdesk shares: it takes a request in, records it, plays faults, counts it against the rate
//! limit, checks it against the route table and hands it to the helpdesk.

mod answer;
mod check;
mod clock;
mod limiter;
mod log;
mod route;
mod target;
mod upload;

pub(crate) use answer::{Answer, Page, Problem, Refusal};
pub(crate) use check::{is_email, problems_with};
pub(crate) use clock::{Moment, parse_date, parse_moment};
pub(crate) use limiter::Usage;
pub(crate) use route::{Body, FLAG, Field, Kind, Param, ParamKind, Route, Shape, TextForm};
pub(crate) use upload::Upload;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::Response;
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::{Control, Descriptor, Fault, Plan, RecordedRequest, Trigger};
use answer::{empty, file, html, huge, json, truncate};
use limiter::{Limiter, Verdict};
use log::{Log, Watch};
use upload::Form;

/// Longest request target that is served; common gateways stop here.
const LONGEST_TARGET: usize = 8190;
/// Longest request body that is taken in.
const LONGEST_BODY: usize = 32 * 1024 * 1024;

/// What a path points at.
pub(crate) enum Place {
    /// The API of a tenant, with the path as the vendor documents it, still percent-encoded. The tenant is empty where the
    /// path, or the credentials, tell it only later.
    Api { tenant: String, path: String },
    /// A file a tenant's records link to.
    File { tenant: String, id: u64 },
    /// What [`Helpdesk::page`] answers.
    Page { path: String },
}

/// Who is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admission {
    /// The tenant the credentials, or the path, are of.
    pub(crate) tenant: String,
    /// Whose rate limit is charged.
    pub(crate) payer: String,
    /// Which credentials they are, where the payer does not tell.
    pub(crate) who: String,
}

/// A request that has passed all checks that need no records.
#[derive(Debug, Default)]
pub(crate) struct Call {
    /// The parameters of the path.
    pub(crate) ids: HashMap<&'static str, String>,
    /// Values of the declared query parameters that were given.
    pub(crate) query: HashMap<&'static str, String>,
    /// Values of the declared query parameters that may be repeated.
    pub(crate) lists: HashMap<&'static str, Vec<String>>,
    /// The JSON object of the body, or of the object parameter of an upload.
    pub(crate) body: Map<String, Value>,
    /// The body, where it may be any JSON.
    pub(crate) value: Value,
    /// The uploaded files.
    pub(crate) files: Vec<Upload>,
    /// `http://host:port` as the client sees it, for links in answers.
    pub(crate) origin: String,
    /// Path and query as received.
    pub(crate) target: String,
}

/// A request to a place outside the API.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    /// The query, decoded, in the order received.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: &'a HeaderMap,
    /// The fields of a body that is a form.
    pub(crate) form: Option<Vec<(String, String)>>,
}

impl Call {
    /// A parameter of the path.
    pub(crate) fn id(&self, name: &str) -> &str {
        self.ids.get(name).map_or("", String::as_str)
    }

    /// A query parameter, `""` when it was not given.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// A query parameter that was given.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// A 0/1 query parameter.
    pub(crate) fn flag(&self, name: &str, default: bool) -> bool {
        self.given(name).map_or(default, |value| value == "1")
    }

    /// A query parameter of digits.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.given(name).and_then(|value| value.parse().ok())
    }
}

/// A simulated helpdesk: its routes, its rules and its records.
pub(crate) trait Helpdesk: Send {
    /// What a path points at, percent-encoded as received; `None` if nothing of this helpdesk.
    fn place(&self, path: &str) -> Option<Place>;
    /// The routes, in a fixed order.
    fn routes(&self) -> &'static [Route];
    /// Whether the tenant exists; asked before the credentials are looked at.
    fn knows(&self, tenant: &str) -> bool;
    /// Checks the credentials.
    fn admit(&self, tenant: &str, headers: &HeaderMap) -> Result<Admission, Refusal>;
    /// How many calls a payer may make in a window of the plan.
    fn calls(&self, plan: &Plan, _payer: &str) -> Option<u32> {
        plan.calls
    }
    /// Whether who was let in may use the route at this place of [`Helpdesk::routes`] with these parameters of the path.
    fn permit(&self, by: &Admission, route: usize, ids: &HashMap<&'static str, String>) -> Result<(), Refusal>;
    /// Runs the operation at this place of [`Helpdesk::routes`].
    fn perform(&mut self, by: &Admission, route: usize, call: &Call) -> Result<Answer, Refusal>;
    /// A stored file.
    fn file(&self, tenant: &str, id: u64) -> Option<Upload>;
    /// A refusal in the vendor's form.
    fn refusal_body(&self, refusal: &Refusal) -> Value;
    /// The answer to a call beyond the rate limit.
    fn exhausted(&self) -> Refusal {
        Refusal::too_many()
    }
    /// What a place outside the API answers; `None` if there is no such place.
    fn page(&mut self, _visit: &Visit<'_>) -> Option<Page> {
        None
    }
    /// The value of `Retry-After` for a call that has to wait so long; none is sent without.
    fn retry_after(&self, _wait: Duration) -> Option<u64> {
        None
    }
    /// Changes how the helpdesk behaves, or what happens outside its API; says what cannot be done.
    fn adjust(&mut self, name: &str, _value: &Value) -> Result<(), String> {
        Err(format!("there is nothing called `{name}` to be adjusted"))
    }
    /// What left the helpdesk for people outside because of a tenant's requests, oldest first; `None` for an unknown tenant.
    fn sent(&self, tenant: &str) -> Option<Vec<Value>>;
    /// A header of answers to this method, for instance what is left of the rate limit.
    fn header(&self, method: &Method, usage: Usage) -> Option<(&'static str, String)>;
    /// The credentials of a tenant by field name, of a kind that [`Descriptor::accesses`] names.
    fn credentials(&self, tenant: &str, access: &str) -> Option<BTreeMap<String, String>>;
    /// Moves the clock of the records.
    fn advance(&mut self, time: Duration);
    /// All records, for assertions.
    fn state(&self) -> Value;
}

struct Injected {
    fault: Fault,
    trigger: Trigger,
}

/// A helpdesk with everything around it.
pub(crate) struct Engine {
    descriptor: &'static Descriptor,
    helpdesk: Mutex<Box<dyn Helpdesk>>,
    plan: &'static Plan,
    access: String,
    limiter: Mutex<Limiter>,
    log: Log,
    faults: Mutex<Vec<Injected>>,
    closing: watch::Sender<bool>,
}

/// No code here panics while holding a lock, and records are replaced whole; a poisoned lock is still good.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    pub(crate) fn new(
        descriptor: &'static Descriptor,
        helpdesk: Box<dyn Helpdesk>,
        plan: &'static Plan,
        access: String,
        remembered: usize,
    ) -> Self {
        Self {
            descriptor,
            helpdesk: Mutex::new(helpdesk),
            plan,
            access,
            limiter: Mutex::new(Limiter::new(plan)),
            log: Log::new(remembered),
            faults: Mutex::new(Vec::new()),
            closing: watch::Sender::new(false),
        }
    }

    pub(crate) fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn inject(&self, fault: Fault, trigger: Trigger) {
        lock(&self.faults).push(Injected { fault, trigger });
    }

    pub(crate) fn clear_faults(&self) {
        lock(&self.faults).clear();
    }

    pub(crate) fn advance(&self, time: Duration) {
        lock(&self.limiter).advance(time);
        lock(&self.helpdesk).advance(time);
    }

    pub(crate) fn state(&self) -> Value {
        lock(&self.helpdesk).state()
    }

    pub(crate) fn adjust(&self, name: &str, value: &Value) -> Result<(), String> {
        lock(&self.helpdesk).adjust(name, value)
    }

    pub(crate) fn sent(&self, tenant: &str) -> Option<Vec<Value>> {
        lock(&self.helpdesk).sent(tenant)
    }

    /// Credentials of the kind asked for, or of the kind the simulator was set up with.
    pub(crate) fn credentials(&self, tenant: &str, access: Option<&str>) -> Option<BTreeMap<String, String>> {
        lock(&self.helpdesk).credentials(tenant, access.unwrap_or(&self.access))
    }

    /// Holds requests back again, after [`Engine::close`].
    pub(crate) fn open(&self) {
        self.closing.send_replace(false);
    }

    /// Lets go of the requests that are held back.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, LONGEST_BODY).await;
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", axum::http::uri::PathAndQuery::as_str)
            .to_owned();
        let raw_path = parts.uri.path();
        let place = target::decode_path(raw_path)
            .ok()
            .and_then(|_| lock(&self.helpdesk).place(raw_path));
        let path = match &place {
            Some(Place::Api { path, .. } | Place::Page { path }) => {
                target::decode_path(path).unwrap_or_else(|_| path.clone())
            }
            _ => raw_path.to_owned(),
        };
        let ticket = self.log.push(RecordedRequest {
            method: parts.method.as_str().to_owned(),
            path: path.clone(),
            headers: parts
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
            body: body.as_ref().cloned().unwrap_or_default(),
            status: None,
            target: target.clone(),
        });
        let mut response = match body {
            Ok(_) if target.len() > LONGEST_TARGET => html(414),
            Ok(body) => self.answer_with_faults(&parts, &path, place, &target, body).await,
            Err(_) => html(413),
        };
        if parts.method == Method::HEAD {
            *response.body_mut() = axum::body::Body::empty();
        }
        self.log.answered(ticket, response.status().as_u16());
        response
    }

    async fn answer_with_faults(
        &self,
        parts: &Parts,
        path: &str,
        place: Option<Place>,
        target: &str,
        body: Bytes,
    ) -> Response {
        let asked = match parts.headers.get("x-simulate").map(HeaderValue::to_str) {
            Some(Ok(text)) => match Fault::parse(text) {
                Some(fault) => Some(fault),
                None => return self.refuse(&Refusal::bad(format!("X-Simulate: `{text}` is not a fault"))),
            },
            Some(Err(_)) => return self.refuse(&Refusal::bad("X-Simulate is not text")),
            None => None,
        };
        let Some(fault) = asked.or_else(|| self.strike(path)) else {
            return self.answer_really(parts, place, target, body).await;
        };
        match fault {
            Fault::HtmlGateway { status } => html(status),
            Fault::EmptyBody { status } => empty(status),
            Fault::TruncatedJson => truncate(self.answer_really(parts, place, target, body).await).await,
            Fault::HugeBody { bytes } => huge(bytes),
            Fault::NoAnswer => {
                let watch = Watch::new(&self.log);
                self.closed().await;
                watch.stayed();
                empty(503)
            }
            Fault::SlowAnswer(time) => {
                let watch = Watch::new(&self.log);
                tokio::select! {
                    () = tokio::time::sleep(time) => {}
                    () = self.closed() => {}
                }
                watch.stayed();
                self.answer_really(parts, place, target, body).await
            }
            Fault::RateLimited { retry_after } => {
                let mut response = self.refuse(&Refusal::too_many());
                let calls = lock(&self.helpdesk).calls(self.plan, "");
                let limit = lock(&self.limiter).usage("", calls).limit;
                let usage = Usage { remaining: 0, limit };
                self.tell_usage(&mut response, &parts.method, Some(usage));
                if let Some(seconds) = retry_after {
                    response
                        .headers_mut()
                        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                }
                response
            }
            Fault::Unauthorized => self.refuse(&Refusal::unauthorized()),
            Fault::ErrorStatus {
                status,
                body: Value::Null,
            } => self.refuse(&Refusal::new(status, "A simulated error")),
            Fault::ErrorStatus { status, body } => json(status, &body),
            Fault::Redirect { location } => {
                let mut response = empty(302);
                if let Ok(location) = HeaderValue::from_str(&location) {
                    response.headers_mut().insert(header::LOCATION, location);
                }
                response
            }
        }
    }

    async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        // An error means that the sender is gone, which the engine outlives.
        drop(closing.wait_for(|closing| *closing).await);
    }

    /// The fault that strikes this request; counted ones are used up.
    fn strike(&self, path: &str) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        faults.retain(|injected| !matches!(injected.trigger, Trigger::Next(0) | Trigger::NextOn(_, 0)));
        for injected in faults.iter_mut() {
            match &mut injected.trigger {
                Trigger::Next(left) => *left -= 1,
                Trigger::NextOn(on, left) if on == path => *left -= 1,
                Trigger::Path(on) if on == path => {}
                Trigger::NextOn(..) | Trigger::Path(_) => continue,
            }
            return Some(injected.fault.clone());
        }
        None
    }

    async fn answer_really(&self, parts: &Parts, place: Option<Place>, target: &str, body: Bytes) -> Response {
        let (tenant, path) = match place {
            Some(Place::Api { tenant, path }) => (tenant, path),
            Some(Place::File { tenant, id }) => {
                let stored = lock(&self.helpdesk).file(&tenant, id);
                return match stored {
                    Some(upload) if parts.method == axum::http::Method::GET => file(&upload),
                    Some(_) => self.refuse_verb(&["GET"]),
                    None => self.refuse(&Refusal::not_found("File")),
                };
            }
            Some(Place::Page { path }) => return self.answer_page(parts, &path, target, &body),
            None => return self.refuse(&Refusal::not_found("Resource")),
        };
        // An upload is read before the records are locked: reading it may wait.
        let form = upload::read(&parts.headers, body).await;
        self.answer_api(parts, &tenant, &path, target, form)
    }

    fn answer_page(&self, parts: &Parts, path: &str, target: &str, body: &[u8]) -> Response {
        let query = match target::decode_query(target) {
            Ok(query) => query,
            Err(refusal) => return self.refuse(&refusal),
        };
        let content_type = parts.headers.get(header::CONTENT_TYPE);
        let essence = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = essence.split(';').next().unwrap_or_default().trim();
        let form = essence
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
            .then(|| std::str::from_utf8(body).ok().and_then(target::decode_form))
            .flatten();
        let visit = Visit {
            method: &parts.method,
            path,
            query,
            headers: &parts.headers,
            form,
        };
        let page = lock(&self.helpdesk).page(&visit);
        page.map_or_else(|| self.refuse(&Refusal::not_found("Resource")), answer::page)
    }

    fn answer_api(&self, parts: &Parts, tenant: &str, path: &str, target: &str, form: Form) -> Response {
        let mut helpdesk = lock(&self.helpdesk);
        if !helpdesk.knows(tenant) {
            drop(helpdesk);
            return self.refuse(&Refusal::not_found("Account"));
        }
        let mut verbs = Vec::new();
        let mut found = None;
        for (index, route) in helpdesk.routes().iter().enumerate() {
            let Some(ids) = route.matches(path) else { continue };
            verbs.push(route.method);
            if found.is_none() && route.method == parts.method.as_str() {
                found = Some((index, route, ids));
            }
        }
        let (mut left, mut retry_after) = (None, None);
        let outcome = if let Some((index, route, ids)) = found.as_ref().filter(|(_, route, _)| route.open) {
            let nobody = Admission {
                tenant: tenant.to_owned(),
                payer: String::new(),
                who: String::new(),
            };
            run(
                &mut **helpdesk,
                &nobody,
                (*index, route, ids.clone()),
                target,
                parts,
                form,
            )
        } else {
            match helpdesk.admit(tenant, &parts.headers) {
                Err(refusal) => {
                    let calls = helpdesk.calls(self.plan, tenant);
                    left = Some(lock(&self.limiter).usage(tenant, calls));
                    Err(refusal)
                }
                Ok(admission) => {
                    let cost = found.as_ref().map_or(1, |(_, route, _)| route.cost);
                    let calls = helpdesk.calls(self.plan, &admission.payer);
                    let verdict = lock(&self.limiter).charge(&admission.payer, calls, cost);
                    match (verdict, found) {
                        (Verdict::Exceeded(usage, wait), _) => {
                            left = Some(usage);
                            retry_after = helpdesk.retry_after(wait);
                            Err(helpdesk.exhausted())
                        }
                        (Verdict::Allowed(usage), Some(found)) => {
                            left = Some(usage);
                            run(&mut **helpdesk, &admission, found, target, parts, form)
                        }
                        (Verdict::Allowed(usage), None) => {
                            drop(helpdesk);
                            let mut response = if verbs.is_empty() {
                                self.refuse(&Refusal::not_found("Resource"))
                            } else {
                                self.refuse_verb(&verbs)
                            };
                            self.tell_usage(&mut response, &parts.method, Some(usage));
                            return response;
                        }
                    }
                }
            }
        };
        drop(helpdesk);
        let mut response = match outcome {
            Ok((status, Answer::Json(body))) => json(status, &body),
            Ok((status, Answer::Text(text))) => answer::text_as_json(status, text),
            Ok((status, Answer::Empty)) => empty(status),
            Ok((_, Answer::Other(status, body))) => json(status, &body),
            Ok((usual, Answer::Redirect { status, location })) => answer::redirect(status.unwrap_or(usual), &location),
            Err(refusal) => self.refuse(&refusal),
        };
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        self.tell_usage(&mut response, &parts.method, left);
        response
    }

    fn tell_usage(&self, response: &mut Response, method: &Method, usage: Option<Usage>) {
        let Some(left) = usage else { return };
        let Some((name, value)) = lock(&self.helpdesk).header(method, left) else {
            return;
        };
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        json(refusal.status, &lock(&self.helpdesk).refusal_body(refusal))
    }

    fn refuse_verb(&self, allowed: &[&str]) -> Response {
        let mut response = self.refuse(&Refusal::new(405, "The method is not allowed for the requested URL"));
        if let Ok(value) = HeaderValue::from_str(&allowed.join(", ")) {
            response.headers_mut().insert(header::ALLOW, value);
        }
        response
    }
}

/// Runs an operation for who was let in; gives the status of success with the answer.
fn run(
    helpdesk: &mut dyn Helpdesk,
    by: &Admission,
    (index, route, ids): (usize, &'static Route, HashMap<&'static str, String>),
    target: &str,
    parts: &Parts,
    form: Form,
) -> Result<(u16, Answer), Refusal> {
    helpdesk.permit(by, index, &ids)?;
    let call = check::request(route, ids, target, &parts.headers, form)?;
    Ok((route.success, helpdesk.perform(by, index, &call)?))
}

// A control is cloned into tests and tasks.
const _: () = {
    const fn shareable<T: Send + Sync>() {}
    shareable::<Control>();
};
