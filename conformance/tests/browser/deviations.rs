//! Where Chromium differs from the standard, one test each. The model's documentation lists them.
