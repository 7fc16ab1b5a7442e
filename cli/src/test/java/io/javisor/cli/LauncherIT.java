package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the launcher finds a JDK and builds a checkout, and what it says where it cannot. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LauncherIT {
    private static final Path OWN_JDK = Path.of(System.getProperty("java.home"));

    private static final int BUILD_SECONDS = 600;

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"17.0.1", "1.8.0_392", "24", "9", "later", ""})
    void theNamedJdkIsTooOld(String version) throws Exception {
        Path jdk = fakeJdk(version);
        Program.run(Root.command("env", "JAVISOR_JAVA_HOME=" + jdk, Checkout.LAUNCHER, "--version"))
                .assertFailed(125, "javisor: JAVISOR_JAVA_HOME=" + jdk, "JDK 25 or later", "unset it");
    }

    @Test
    void theNamedJdkIsNotThere() throws Exception {
        Path jdk = directory.resolve("none");
        Program.run(Root.command("env", "JAVISOR_JAVA_HOME=" + jdk, Checkout.LAUNCHER, "--version"))
                .assertFailed(125, "javisor: JAVISOR_JAVA_HOME=" + jdk);
    }

    /** JAVA_HOME is for all programs: one that does not suit is passed over. */
    @Test
    void anOldJavaHomeIsPassedOver() throws Exception {
        assertPrintsVersion(
                "JAVA_HOME=" + fakeJdk("17.0.1"), "PATH=" + OWN_JDK.resolve("bin") + ":" + System.getenv("PATH"));
    }

    /** The fake would end with another status than javisor. */
    @Test
    void theNamedJdkComesFirst() throws Exception {
        String jdk = "JAVA_HOME=" + fakeJdk("25.0.1");
        assertEquals(99, Program.run(environment(jdk)).status());
        assertPrintsVersion(jdk, "JAVISOR_JAVA_HOME=" + OWN_JDK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "17.0.1"})
    void noSuitableJdkAnywhere(String only) throws Exception {
        Root.assumeAvailable();
        Path jdk = only.isEmpty() ? directory : fakeJdk(only);
        // All that is looked at: java on the PATH, /usr/lib/jvm, /opt.
        String script = """
            jdk=$1; shift
            mkdir -p /usr/lib/jvm
            for hidden in /usr/lib/jvm /opt; do mount -t tmpfs none $hidden; done
            [ ! -d $jdk/bin ] || cp -r $jdk /usr/lib/jvm/
            exec env -u JAVISOR_JAVA_HOME JAVA_HOME=$jdk PATH=$jdk/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
            """;
        Program.run(Root.withPrivateMounts(script, jdk, Checkout.LAUNCHER, "run"))
                .assertFailed(
                        125, "javisor: no JDK 25 or later found", "install", "openjdk-25-jdk", "JAVISOR_JAVA_HOME");
    }

    /** What a crash of the JVM leaves is in a directory of the user's own, and no core file is among it. */
    @Test
    void aCrashLeavesNothingToOthers() throws Exception {
        Path jdk = fakeJdk("25.0.1");
        Files.writeString(jdk.resolve("bin/java"), "#!/bin/sh\nulimit -c\nprintf '%s\\n' \"$@\"\n");
        Program.Result result = Program.run(Root.command(
                "env", "JAVISOR_JAVA_HOME=" + jdk, "XDG_STATE_HOME=/a/state", Checkout.LAUNCHER, "--version"));
        List<String> lines = result.out().lines().toList();
        assertEquals("0", lines.getFirst(), result::toString);
        assertTrue(lines.contains("-XX:ErrorFile=/a/state/javisor/hs_err_pid%p.log"), result::toString);
    }

    /** By octal numbers, as this JVM's own locale may be none either. */
    @ParameterizedTest
    @CsvSource({
        "LC_ALL=C, 303 274, not a kernel",
        "LANG=C, 316 273, not a kernel",
        "LANG=xx_XX.UTF-8, 316 273, not a kernel",
        "LC_ALL=C.UTF-8, 377 377, rename it"
    })
    void namesOfFilesAreTheUsersWhateverTheLocale(String locale, String bytes, String answer) throws Exception {
        String script = """
            cd "$1" && name=$(printf "$(printf '\\\\%s\\\\%s.img' $3)") && echo text >"$name" && exec env -i PATH="$PATH" HOME=/ "$2" "$0" run --dry-run --kernel "$name"
            """;
        Program.run(Root.command("sh", "-c", script, Checkout.LAUNCHER, directory, locale, bytes))
                .assertFailed(125, "javisor: ", answer);
    }

    @Test
    void startedByALinkFromElsewhere() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("j"), Checkout.LAUNCHER);
        Program.Result result = Program.run(Root.command("env", "--chdir=/", link, "--version"));
        assertEquals(0, result.status(), result::toString);
        assertTrue(result.out().startsWith("javisor "), result::toString);
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void whatDoesNotCompileIsOneLine() throws Exception {
        Path checkout = checkout();
        Path broken = Files.writeString(
                checkout.resolve("hypervisor-core/src/main/java/io/javisor/core/Broken.java"), "class Broken {");
        Program.Result result = build(checkout, Map.of());
        assertEquals(125, result.status(), result::toString);
        assertEquals("", result.out());
        assertEquals(
                List.of(
                        "javisor: building (the first time this takes a minute, and what it has to download)...",
                        "javisor: the build failed: " + broken
                                + ":[1,15] reached end of file while parsing (all of it: "
                                + checkout.resolve("cli/target/build.log") + ")"),
                result.err().lines().toList());
    }

    @Test
    void whatCannotBeFetchedIsOneLine() throws Exception {
        Path none = directory.resolve("repository");
        Program.Result result = build(checkout(), Map.of("MAVEN_ARGS", "--offline -Dmaven.repo.local=" + none));
        assertEquals(125, result.status(), result::toString);
        String last = result.err().lines().toList().getLast();
        assertTrue(last.startsWith("javisor: the first build needs the network, for Maven and libraries: "), last);
        assertEquals(2, result.err().lines().count(), result::toString);
    }

    /** Nothing of the tests is compiled, and what runs has neither JUnit nor the testkit. */
    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void aFreshCheckoutIsBuiltAndStarts() throws Exception {
        Path checkout = checkout();
        Program.Result result = build(checkout, Map.of());
        assertEquals(0, result.status(), result::toString);
        assertTrue(result.out().startsWith("javisor "), result::toString);
        assertEquals(1, result.err().lines().count(), result::toString);
        assertTrue(Files.size(checkout.resolve("cli/target/javisor/javisor.aot")) > 1 << 20);
        try (Stream<Path> files = Files.walk(checkout)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.toString().matches(".*(test-classes|/lib/.*(junit|testkit|jazzer)).*"))
                            .toList());
        }
        Program.Result again = build(checkout, Map.of());
        assertEquals("", again.err());
    }

    /** What {@code ./javisor} builds from, without anything built. */
    private Path checkout() throws IOException {
        Path checkout = Files.createDirectory(directory.resolve("checkout"));
        for (String name : List.of("javisor", "mvnw", ".mvn", "pom.xml", "docs")) {
            Root.copy(Checkout.DIRECTORY.resolve(name), checkout.resolve(name));
        }
        try (Stream<Path> modules = Files.list(Checkout.DIRECTORY)) {
            for (Path module : (Iterable<Path>) modules.filter(each -> Files.exists(each.resolve("src")))::iterator) {
                Path copy = Files.createDirectories(checkout.resolve(module.getFileName()));
                Root.copy(module.resolve("pom.xml"), copy.resolve("pom.xml"));
                Files.createDirectory(copy.resolve("src"));
                Root.copy(module.resolve("src/main"), copy.resolve("src/main"));
            }
        }
        return checkout;
    }

    private static Program.Result build(Path checkout, Map<String, String> variables) throws Exception {
        List<String> assignments = variables.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList();
        try (Program program = Program.start(Root.command(
                "env", "JAVISOR_JAVA_HOME=" + OWN_JDK, assignments, checkout.resolve("javisor"), "--version"))) {
            return program.awaitEnd(BUILD_SECONDS);
        }
    }

    private static void assertPrintsVersion(String... assignments) throws IOException, InterruptedException {
        Program.Result result = Program.run(environment(assignments));
        assertEquals(0, result.status(), result::toString);
        assertTrue(result.out().startsWith("javisor "), result::toString);
        assertEquals("", result.err());
    }

    private static List<String> environment(String... assignments) {
        return Root.command("env", "-u", "JAVISOR_JAVA_HOME", assignments, Checkout.LAUNCHER, "--version");
    }

    /** A directory that looks like a JDK; its java ends with status 99. */
    private Path fakeJdk(String version) throws IOException {
        Path home = directory.resolve("jdk");
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nexit 99\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(
                home.resolve("release"),
                "IMPLEMENTOR=\"Nobody\"\n" + (version.isEmpty() ? "" : "JAVA_VERSION=\"" + version + "\"\n"));
        return home;
    }
}
