//! `cors diff`: what is said of two files, and how the command ends.

mod diff {
    mod holes;
    mod inputs;
    mod property;
    mod run;
    mod settings;
}
