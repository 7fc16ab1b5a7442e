package io.javisor.cli.image;

/** Standard output, as far as it is a terminal. */
interface Screen {
    /** Whether it is one. */
    boolean isTerminal();

    /** Whether it is one that moves its cursor when it is told to. */
    boolean takesEscapes();

    /** How many columns it has at this moment. */
    int columns();

    /** How many rows it has at this moment. */
    int rows();
}
