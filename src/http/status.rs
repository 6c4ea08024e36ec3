//! The HTTP statuses that azfob distinguishes.

/// The request succeeded.
pub const OK: u16 = 200;
/// The request is malformed; from an identity endpoint, no identity fits it.
pub const BAD_REQUEST: u16 = 400;
/// The token is missing or not accepted.
pub const UNAUTHORIZED: u16 = 401;
/// The identity lacks permission.
pub const FORBIDDEN: u16 = 403;
/// There is no such secret, identity or path.
pub const NOT_FOUND: u16 = 404;
/// The proxy requires a sign-in.
pub const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;
/// The request did not arrive in time.
pub const REQUEST_TIMEOUT: u16 = 408;
/// The request conflicts with the secret's state.
pub const CONFLICT: u16 = 409;
/// The metadata service is being updated.
pub const GONE: u16 = 410;
/// The client is throttled.
pub const TOO_MANY_REQUESTS: u16 = 429;
/// The service failed. All statuses from here on are failures of the server.
pub const INTERNAL_SERVER_ERROR: u16 = 500;
/// A gateway could not reach the service.
pub const BAD_GATEWAY: u16 = 502;
/// The service is unavailable.
pub const SERVICE_UNAVAILABLE: u16 = 503;
/// A gateway got no answer from the service in time.
pub const GATEWAY_TIMEOUT: u16 = 504;
