package io.javisor.cli;

import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.host.EngineChoice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The AOT cache that is recorded on a boot of the default guest by the software engine, for the launcher to start the next ones with
 * (docs/decisions/0022). It is {@code boots/KEY.aot} in the user's cache, KEY from the package's file {@code key}. Never needed: what hinders it is
 * logged at debug level.
 */
final class RecordedBoot {
    /** Of the environment: {@value #OFF}, and none is made or taken. */
    static final String SWITCH = "JAVISOR_BOOT_CACHE";

    static final String OFF = "off";

    /** Set by the parent of a machine's process. */
    private static final String SUPERVISOR = "JAVISOR_SUPERVISOR";

    private static final Logger LOG = LoggerFactory.getLogger(RecordedBoot.class);

    private RecordedBoot() {}

    /**
     * Has it made if the software engine is to run the machine and there is none of this package, this JDK and this guest; that takes some 15 s and is
     * said on standard error. One that failed is not tried again. A machine's own process makes none: nobody would see why it takes so long, and it may be
     * a restart.
     */
    static void ensure(DefaultGuest guest, Accel accel, Map<String, String> environment) {
        String app = System.getProperty("javisor.app");
        Path cache = UserCache.directory(environment);
        if (app == null || cache == null || !isWanted(accel, environment)) {
            return;
        }
        try {
            String hindrance = ensure(Path.of(app), cache.resolve("boots"), guest, accel);
            if (hindrance != null) {
                LOG.debug("no boot is recorded: {}", hindrance);
            }
        } catch (IOException | ConfigException e) {
            LOG.debug("no boot is recorded: {}", e.toString());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether a process with that environment makes one for a machine that is to run so. */
    static boolean isWanted(Accel accel, Map<String, String> environment) {
        return (accel == Accel.AUTO || accel == Accel.SOFTWARE)
                && !OFF.equals(environment.get(SWITCH))
                && !environment.containsKey(SUPERVISOR);
    }

    /** Returns why there is none; null if there is one. */
    private static @Nullable String ensure(Path app, Path directory, DefaultGuest guest, Accel accel)
            throws IOException, InterruptedException {
        String key = Files.readString(app.resolve("key")).strip();
        if (!Files.readString(app.resolve("jdk")).strip().equals(System.getProperty("java.home"))) {
            return "the package was made with another JDK";
        }
        if (isCurrent(directory.resolve(key + ".aot"), app, guest)) {
            return null;
        }
        if (isCurrent(directory.resolve(key + ".failed"), app, guest)) {
            return "it failed before; to try again remove " + directory.resolve(key + ".failed");
        }
        return "software".equals(EngineChoice.of(accel).engine())
                ? record(app, directory, key, guest)
                : "the machine is not the software engine's";
    }

    /** Whether a file is younger than what it is of. */
    private static boolean isCurrent(Path file, Path app, DefaultGuest guest) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        FileTime made = Files.getLastModifiedTime(file);
        return made.compareTo(Files.getLastModifiedTime(app.resolve("built"))) > 0
                && made.compareTo(Files.getLastModifiedTime(guest.kernel())) > 0;
    }

    private static @Nullable String record(Path app, Path directory, String key, DefaultGuest guest)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "TERM"));
        command.add(app.resolve("record-boot").toString());
        command.addAll(List.of(directory.toString(), key, guest.kernel().toString()));
        command.addAll(MachineLaunch.ownCommand());
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return process.waitFor() == 0 ? null : said;
    }
}
