//! Rights in the handler's signature: `caller: May<rights::VerifyCaller>`.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use countersign_app::Caller;
use countersign_domain::access::Permission;
use http::request::Parts;

use super::ApiCaller;
use crate::Web;
use crate::error::Problem;

/// A right as a type.
pub trait Right: Send + Sync + 'static {
    /// The right.
    const PERMISSION: Permission;
}

/// A program that was authenticated and has the right `R`.
#[derive(Debug)]
pub struct May<R> {
    caller: Caller,
    right: PhantomData<R>,
}

impl<R> Deref for May<R> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<R: Right> FromRequestParts<Web> for May<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let ApiCaller(caller) = ApiCaller::from_request_parts(parts, web).await?;
        caller.must(R::PERMISSION)?;
        Ok(Self {
            caller,
            right: PhantomData,
        })
    }
}

macro_rules! rights {
    ($( $name:ident ),+ $(,)?) => {
        /// One type for each right that an endpoint asks for.
        pub mod rights {
            use countersign_domain::access::Permission;

            $(
                #[doc = concat!("[`Permission::", stringify!($name), "`].")]
                #[derive(Debug)]
                pub struct $name;

                impl super::Right for $name {
                    const PERMISSION: Permission = Permission::$name;
                }
            )+
        }
    };
}

rights! {
    VerifyCaller, SendOneTimePin, OpenConversation, ReadConversation, CloseConversation, SearchAccounts, ReadAccount, CreateAccount,
    ManagePeople, SetHolderPin, ResetPin, UnlockPin, ReadAudit,
}
