package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.cli.config.Setting;
import io.javisor.cli.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table in {@code docs/config.md} is that of {@link Settings}; {@code -Djavisor.docs.update=true} writes it there. */
class SettingsTableTest {
    private static final Path PAGE = Checkout.DIRECTORY.resolve("docs/config.md");
    private static final String HEAD = """
        | key | option | value | default |
        |---|---|---|---|
        """;

    @Test
    void theDocumentsTableIsThatOfTheSettings() throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf(HEAD);
        assertTrue(start >= 0, "the table is found");
        int end = page.indexOf("\n\n", start) + 1;
        String right = page.substring(0, start) + table() + page.substring(end);
        if (Boolean.getBoolean("javisor.docs.update")) {
            Files.writeString(PAGE, right);
        } else {
            assertEquals(right, page, "run this test with -Djavisor.docs.update=true");
        }
    }

    private static String table() {
        return Settings.all().stream().map(SettingsTableTest::row).collect(Collectors.joining("", HEAD, ""));
    }

    private static String row(Setting<?> setting) {
        String inWords = setting.defaultJson() == null ? setting.defaultWords() : "`" + setting.defaultJson() + "`";
        return "| `" + setting.key() + "` | " + option(setting) + " | " + setting.values() + " | " + inWords + " |\n";
    }

    private static String option(Setting<?> setting) {
        String name = setting.option();
        String written = "`"
                + switch (setting.form()) {
                    case SWITCH -> "--[no-]" + name.substring(2);
                    case ON_OFF -> name + " on\\|off";
                    case TEXT, PATH, NUMBER, LIST -> name;
                }
                + "`";
        return written
                + (setting.form() == Setting.Form.LIST ? ", once for each" : "")
                + (setting.environment() == null ? "" : ", `$" + setting.environment() + "`");
    }
}
