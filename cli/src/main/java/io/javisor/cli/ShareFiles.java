package io.javisor.cli;

import io.javisor.cli.config.ConfigSchema;
import io.javisor.packaging.share.ShareDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes man pages, completion files and the configuration file's schema at package time: {@code ShareFiles DIRECTORY VERSION TIMESTAMP}. The jar
 * is made without this class.
 */
final class ShareFiles {
    private static final int DATE_LENGTH = "2026-01-01".length();

    private ShareFiles() {}

    /** The timestamp is in ISO 8601. */
    public static void main(String[] arguments) throws IOException {
        String date = arguments[2].substring(0, DATE_LENGTH);
        Path share = Path.of(arguments[0]);
        new ShareDirectory(share, arguments[1], date).write(Main.commandLine());
        Path own = Files.createDirectories(share.resolve("javisor"));
        Files.writeString(own.resolve("vm.schema.json"), ConfigSchema.text());
    }
}
