package io.javisor.cli.image;

/** How {@code --progress} tells of what comes or goes. */
enum ProgressMode {
    /** Bars on a terminal, else plain. */
    AUTO,
    /** A line for each step of a layer. */
    PLAIN,
    /** A JSON object a line, as docker's API has them. */
    JSON
}
