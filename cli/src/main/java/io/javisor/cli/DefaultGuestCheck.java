package io.javisor.cli;

import io.javisor.machine.config.ConfigException;
import io.javisor.machine.doctor.Check;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Whether the guest that {@code run} boots by default is there. Never a failure: other guests do without it. */
final class DefaultGuestCheck {
    private static final String ID = "default-guest";
    private static final String OTHER_GUEST = "javisor run --kernel FILE   # a guest of your own";

    private DefaultGuestCheck() {}

    /** @param home the directory that has {@code guest/}, if this installation has one */
    static Check check(Path home, Map<String, String> environment) {
        Path recipe = home.resolve("guest");
        if (!Files.isRegularFile(recipe.resolve("inputs"))) {
            return Check.warning(ID, "this installation has no recipe for it (" + recipe + ")", OTHER_GUEST);
        }
        DefaultGuest guest;
        try {
            guest = DefaultGuest.locate(home, environment);
        } catch (ConfigException e) {
            return Check.warning(
                    ID,
                    String.valueOf(e.getMessage()),
                    environment.getOrDefault("HOME", "").isEmpty() ? "export HOME=/home/$(id -un)" : OTHER_GUEST);
        }
        String key = String.valueOf(guest.kernel().getParent());
        if (guest.isComplete()) {
            return Check.ok(ID, "made: " + key);
        }
        Path script = recipe.resolve("make-guest");
        return Check.warning(
                ID,
                "not made yet: " + key,
                Files.isExecutable(script)
                        ? quoted(script) + "   # takes some seconds; the first 'javisor run' does the same"
                        : OTHER_GUEST);
    }

    /** As a shell reads it. */
    private static String quoted(Path path) {
        String text = path.toAbsolutePath().normalize().toString();
        return text.matches("[A-Za-z0-9_./+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
