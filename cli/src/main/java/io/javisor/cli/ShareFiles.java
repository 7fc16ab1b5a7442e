package io.javisor.cli;

import io.javisor.cli.share.ShareDirectory;
import java.io.IOException;
import java.nio.file.Path;

/** Writes man pages and completion files at package time: {@code ShareFiles DIRECTORY VERSION TIMESTAMP}. */
final class ShareFiles {
    private static final int DATE_LENGTH = "2026-01-01".length();

    private ShareFiles() {}

    /** The timestamp is in ISO 8601. */
    public static void main(String[] arguments) throws IOException {
        String date = arguments[2].substring(0, DATE_LENGTH);
        new ShareDirectory(Path.of(arguments[0]), arguments[1], date).write(Main.commandLine());
    }
}
