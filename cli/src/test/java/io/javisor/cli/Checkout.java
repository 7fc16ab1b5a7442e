package io.javisor.cli;

import java.nio.file.Path;

/** Where the sources are that this test was built from. */
final class Checkout {
    static final Path DIRECTORY = Path.of(System.getProperty("javisor.checkout", ".."))
            .toAbsolutePath()
            .normalize();

    /** What a user starts. */
    static final Path LAUNCHER = DIRECTORY.resolve("javisor");

    private Checkout() {}
}
