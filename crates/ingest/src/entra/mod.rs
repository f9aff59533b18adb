//! Microsoft Entra ID: sign-ins, directory audit, risk and the other logs of the directory, in all their writings.

mod audit;
mod cmdlets;
mod elastic;
mod envelope;
mod log;
mod portal;
mod row_end;
mod sign_in;
mod translated;

use crate::azure::ActivityDecoder;
use crate::decoder::Decoder;

use audit::AuditDecoder;
use cmdlets::Cmdlets;
use elastic::Elastic;
use log::LogDecoder;
use portal::{PortalAudit, PortalSignIns};
use sign_in::SignInDecoder;
use translated::TranslatedDecoder;

/// Decoders of Entra's records.
pub(crate) fn decoders() -> Vec<Box<dyn Decoder>> {
    let mut decoders = direct_decoders();
    decoders.push(Box::new(TranslatedDecoder::new(Cmdlets)));
    decoders.push(Box::new(TranslatedDecoder::new(PortalSignIns)));
    decoders.push(Box::new(TranslatedDecoder::new(PortalAudit)));
    decoders.push(Box::new(TranslatedDecoder::new(Elastic)));
    decoders
}

/// Decoders of objects of Graph and records of diagnostic settings as they are.
fn direct_decoders() -> Vec<Box<dyn Decoder>> {
    vec![Box::new(SignInDecoder::new()), Box::new(AuditDecoder::new()), Box::new(LogDecoder::new())]
}

/// Decoders of what is written anew: Azure's activity comes in the same dialects.
fn inner_decoders() -> Vec<Box<dyn Decoder>> {
    let mut decoders = direct_decoders();
    decoders.push(Box::new(ActivityDecoder::new()));
    decoders
}
