//! `cors diff`: what is said of two files, and how the command ends.

mod diff {
    mod compiled;
    mod holes;
    mod inputs;
    mod judge;
    mod paths;
    mod property;
    mod run;
    mod settings;
    mod tried;
}
