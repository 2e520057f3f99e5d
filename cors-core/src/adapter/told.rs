//! What the listeners of an exchange are told, and what is kept for them.

use super::event::{DecisionEvent, Listeners};
use super::kept_head::KeptHead;
use super::options::AdapterOptions;
use super::prepared::PreparedPolicies;
use super::shadow::Shadowed;
use crate::policy::installed::{Installation, InstalledPolicy};
use crate::protocol::decision::Decision;
use crate::protocol::request::RequestHead;

/// Tells the listeners, if there are any.
#[inline]
pub(super) fn tell(
    options: &AdapterOptions,
    decision: Decision,
    policy: &InstalledPolicy,
    request: &dyn RequestHead,
) {
    if !options.listeners.is_empty() {
        tell_listeners(options, decision, policy, request);
    }
}

/// Makes the event out of the way of requests that nobody is told about.
#[cold]
#[inline(never)]
fn tell_listeners(
    options: &AdapterOptions,
    decision: Decision,
    policy: &InstalledPolicy,
    request: &dyn RequestHead,
) {
    let shadow = options.shadow.as_ref();
    let shadow = Shadowed::of(shadow, policy.policies(), Some(policy), request);
    let shadow = shadow.map(|shadow| shadow.against(Some(policy), decision, request));
    let event = DecisionEvent::new(decision, policy, request, None, shadow);
    options.listeners.tell(&event);
}

impl<T> PreparedPolicies<T> {
    /// Tells the listeners about a request whose path has no policy but in the shadow.
    /// [`begin`](Self::begin) does it by itself.
    #[inline]
    pub fn tell_of_shadow_alone(&self, options: &AdapterOptions, request: &dyn RequestHead) {
        if !options.listeners.is_empty() {
            self.tell_listeners_of_shadow(options, request);
        }
    }

    #[cold]
    #[inline(never)]
    fn tell_listeners_of_shadow(&self, options: &AdapterOptions, request: &dyn RequestHead) {
        let installation = self.installation();
        let Installation { policies, .. } = &*installation;
        let shadow = Shadowed::of(options.shadow.as_ref(), policies, None, request);
        // Policies that came in between may have one.
        if let Some(Shadowed::Other(Some((policy, decision)))) = shadow
            && policies.policy(request.path()).is_none()
        {
            let decided = (&policy, decision);
            let event = DecisionEvent::without_policy(&installation, decided, request);
            options.listeners.tell(&event);
        }
    }
}

/// The listeners to a decision that is not there yet, and what they will be told about the request.
pub(super) struct Told {
    listeners: Listeners,
    head: KeptHead,
    shadowed: Option<Shadowed>,
}

impl Told {
    /// Keeps what the listeners will be told; `None` where there are none. The shadow is asked now,
    /// since it may read what is not kept.
    #[inline]
    pub(super) fn of(
        options: &AdapterOptions,
        policy: &InstalledPolicy,
        request: &dyn RequestHead,
    ) -> Option<Box<Self>> {
        (!options.listeners.is_empty()).then(|| Self::keep(options, policy, request))
    }

    #[cold]
    #[inline(never)]
    fn keep(
        options: &AdapterOptions,
        policy: &InstalledPolicy,
        request: &dyn RequestHead,
    ) -> Box<Self> {
        let shadow = options.shadow.as_ref();
        Box::new(Self {
            listeners: options.listeners.clone(),
            head: KeptHead::of(request),
            shadowed: Shadowed::of(shadow, policy.policies(), Some(policy), request),
        })
    }

    pub(super) fn tell(&self, decision: Decision, policy: &InstalledPolicy, error: Option<&str>) {
        let head = &self.head;
        let shadow = self.shadowed.as_ref();
        let shadow = shadow.map(|shadow| shadow.against(Some(policy), decision, head));
        let event = DecisionEvent::new(decision, policy, head, error, shadow);
        self.listeners.tell(&event);
    }
}
