package io.javisor.oci.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.OciException;
import io.javisor.oci.registry.Credentials.Login;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
    @TempDir
    private Path home = Path.of("");

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void setHome() {
        environment.put("HOME", home.toString());
        environment.put("PATH", home.resolve("bin") + ":/usr/bin:/bin");
    }

    private void write(String path, String text) throws IOException {
        Path file = home.resolve(path);
        Path _ = Files.createDirectories(file.getParent());
        Path _ = Files.writeString(file, text.replace('\'', '"'));
    }

    /** A program that notes how it was called. */
    private void helper(String name, String script) throws IOException {
        write("bin/docker-credential-" + name, "");
        Path file = home.resolve("bin/docker-credential-" + name);
        Path _ = Files.writeString(
                file, "#!/bin/sh\ninput=$(cat)\necho \"$1 $input\" >>'" + home + "/calls'\n" + script + "\n");
        Path _ = Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private List<String> calls() throws IOException {
        return Files.exists(home.resolve("calls")) ? Files.readAllLines(home.resolve("calls")) : List.of();
    }

    private Optional<Login> of(String registry) {
        return Credentials.open(environment).of(registry);
    }

    private static String auths(String server, String user, String secret) {
        String auth = Base64.getEncoder().encodeToString((user + ":" + secret).getBytes(StandardCharsets.UTF_8));
        return "{'auths': {'" + server + "': {'auth': '" + auth + "'}}}";
    }

    @Test
    void withoutFilesThereIsNone() {
        assertEquals(Optional.empty(), of("docker.io"));
        environment.clear();
        assertEquals(Optional.empty(), of("docker.io"));
    }

    @Test
    void filesAreAskedInTheirOrder() throws IOException {
        write(".docker/config.json", auths("r.example", "u", "docker"));
        assertEquals(Optional.of(new Login("u", "docker")), of("r.example"));
        write(".config/containers/auth.json", auths("r.example", "u", "containers"));
        assertEquals(Optional.of(new Login("u", "containers")), of("r.example"));
        write("run/containers/auth.json", auths("r.example", "u", "runtime"));
        environment.put("XDG_RUNTIME_DIR", home.resolve("run").toString());
        assertEquals(Optional.of(new Login("u", "runtime")), of("r.example"));
        write("given.json", auths("r.example", "u", "given"));
        environment.put("REGISTRY_AUTH_FILE", home.resolve("given.json").toString());
        assertEquals(Optional.of(new Login("u", "given")), of("r.example"));
        write(".config/javisor/auth.json", auths("r.example", "u", "own"));
        assertEquals(Optional.of(new Login("u", "own")), of("r.example"));
        assertEquals(Optional.empty(), of("other.example"));
    }

    @Test
    void dockersDirectoryMayBeElsewhere() throws IOException {
        write(".docker/config.json", auths("r.example", "u", "home"));
        write("elsewhere/config.json", auths("r.example", "u", "elsewhere"));
        environment.put("DOCKER_CONFIG", home.resolve("elsewhere").toString());
        assertEquals(Optional.of(new Login("u", "elsewhere")), of("r.example"));
    }

    @Test
    void dockersRegistryHasItsOldName() throws IOException {
        write(".docker/config.json", auths("https://index.docker.io/v1/", "u", "old"));
        assertEquals(Optional.of(new Login("u", "old")), of("docker.io"));
        write(".docker/config.json", auths("docker.io", "u", "new"));
        assertEquals(Optional.of(new Login("u", "new")), of("docker.io"));
    }

    @Test
    void keysMayHaveASchemeAndAPathBehindIt() throws IOException {
        write(".docker/config.json", auths("https://r.example:5000/v1/", "u", "a:b"));
        assertEquals(Optional.of(new Login("u", "a:b")), of("r.example:5000"));
        assertEquals(Optional.empty(), of("r.example"));
        write(".docker/config.json", auths("r.example/some/repository", "u", "p"));
        assertEquals(Optional.empty(), of("r.example"));
    }

    @Test
    void loginsHaveOtherForms() throws IOException {
        write(
                ".docker/config.json",
                "{'auths': {'a': {'username': 'u', 'password': 'p'}, 'b': {'identitytoken': 't', 'auth': 'eA=='}, 'c':"
                        + " {}, 'd': null}}");
        assertEquals(Optional.of(new Login("u", "p")), of("a"));
        assertEquals(Optional.of(new Login("<token>", "t")), of("b"));
        assertEquals(Optional.empty(), of("c"));
        assertEquals(Optional.empty(), of("d"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'auths': {'r': {'auth': 'c2VjcmV0'}}}",
                "{'auths': {'r': {'auth': '%secret%'}}}",
                "{'secret': ",
                "'secret'",
                "secret"
            })
    void aDamagedFileIsNamedAndNotQuoted(String text) throws IOException {
        write(".docker/config.json", text);
        OciException e = assertThrows(OciException.class, () -> of("r"));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(home.resolve(".docker/config.json").toString()), message);
        assertFalse(message.contains("secret"), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void aLoginShowsNoSecret() {
        assertEquals("Login[username=u]", new Login("u", "secret").toString());
    }

    @Test
    void aHelperIsAsked() throws IOException {
        write(".docker/config.json", "{'credHelpers': {'r.example': 'one'}, 'credsStore': 'two'}");
        helper("one", "echo '{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"s1\"}'");
        helper("two", "echo '{\"Username\":\"<token>\",\"Secret\":\"s2\"}'");
        Credentials credentials = Credentials.open(environment);
        assertEquals(Optional.of(new Login("u", "s1")), credentials.of("r.example"));
        assertEquals(Optional.of(new Login("u", "s1")), credentials.of("r.example"));
        assertEquals(Optional.of(new Login("<token>", "s2")), credentials.of("docker.io"));
        assertEquals(List.of("get r.example", "get https://index.docker.io/v1/"), calls());
    }

    @Test
    void aHelperThatHasNothingLeavesItToTheFile() throws IOException {
        write(".docker/config.json", auths("r.example", "u", "p").replaceFirst("\\{", "{'credsStore': 'none',"));
        helper("none", "echo credentials not found in native keychain; exit 1");
        assertEquals(Optional.of(new Login("u", "p")), of("r.example"));
    }

    @Test
    void aHelperThatIsNotInstalledIsPassedOver() throws IOException {
        write(".docker/config.json", auths("r.example", "u", "p").replaceFirst("\\{", "{'credsStore': 'desktop',"));
        assertEquals(Optional.of(new Login("u", "p")), of("r.example"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../bin/sh", "x y", "-x", "", "a/b", "$(id)"})
    void aHelpersNameIsNoPath(String name) {
        OciException e = assertThrows(OciException.class, () -> CredentialHelper.find(name, environment));
        assertTrue(String.valueOf(e.getMessage()).startsWith("invalid name of a credential helper"), e.getMessage());
    }

    @Test
    void aHelperThatFailsIsQuoted() throws IOException {
        helper("bad", "echo 'gpg: \033[31mno'; exit 3");
        OciException e = assertThrows(
                OciException.class,
                () -> CredentialHelper.find("bad", environment).orElseThrow().get("r"));
        assertEquals("error getting credentials: docker-credential-bad get: gpg: ?[31mno", e.getMessage());
    }

    @Test
    void aHelperMayNotTalkForEver() throws IOException {
        helper("long", "exec yes");
        OciException e = assertThrows(
                OciException.class,
                () -> CredentialHelper.find("long", environment).orElseThrow().get("r"));
        assertEquals(
                "error getting credentials: docker-credential-long get: it says more than 65536 bytes", e.getMessage());
        helper("odd", "echo '[]'");
        e = assertThrows(
                OciException.class,
                () -> CredentialHelper.find("odd", environment).orElseThrow().get("r"));
        assertEquals("error getting credentials: docker-credential-odd gives no JSON object", e.getMessage());
    }

    @Test
    void aHelperMayNotTakeForEver() throws IOException {
        helper("slow", "exec sleep 600");
        OciException e = assertThrows(
                OciException.class,
                () -> CredentialHelper.find("slow", environment, Duration.ofMillis(50))
                        .orElseThrow()
                        .get("r"));
        assertEquals("error getting credentials: docker-credential-slow get does not end within 0 s", e.getMessage());
    }

    @Test
    void aLoginIsKeptForItsUserOnly() throws IOException {
        write(".config/javisor/auth.json", "{'other': [1], 'auths': {'x.example': {'auth': 'dTpw'}}}");
        Credentials credentials = Credentials.open(environment);
        Path file = home.resolve(".config/javisor/auth.json");
        assertEquals(file.toString(), credentials.store("r.example", new Login("u", "p:ö")));
        assertEquals(Optional.of(new Login("u", "p:ö")), of("r.example"));
        assertEquals(Optional.of(new Login("u", "p")), of("x.example"));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertTrue(Files.readString(file).contains("other"));
        String _ = credentials.store("docker.io", new Login("<token>", "t"));
        assertEquals(Optional.of(new Login("<token>", "t")), of("docker.io"));
        assertTrue(Files.readString(file).contains("https://index.docker.io/v1/"));
        try (var files = Files.list(file.getParent())) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aLoginIsForgotten() throws IOException {
        Credentials credentials = Credentials.open(environment);
        String _ = credentials.store("r.example", new Login("u", "p"));
        assertEquals(Optional.of(new Login("u", "p")), credentials.of("r.example"));
        assertTrue(credentials.erase("r.example"));
        assertEquals(Optional.empty(), credentials.of("r.example"));
        assertFalse(credentials.erase("r.example"));
    }

    @Test
    void aHelperKeepsALoginWhereDockersFileSaysSo() throws IOException {
        write(".docker/config.json", "{'credsStore': 'pot'}");
        helper(
                "pot",
                "cd '" + home
                        + "'; case $1 in store) printf %s \"$input\" >pot;; erase) rm pot;; get) cat pot 2>/dev/null"
                        + " || { echo credentials not found; exit 1; };; esac");
        Credentials credentials = Credentials.open(environment);
        assertEquals("docker-credential-pot", credentials.store("r.example", new Login("u", "s")));
        assertEquals(
                "{\"ServerURL\":\"r.example\",\"Username\":\"u\",\"Secret\":\"s\"}",
                Files.readString(home.resolve("pot")));
        assertFalse(Files.exists(home.resolve(".config/javisor/auth.json")));
        assertEquals(Optional.of(new Login("u", "s")), credentials.of("r.example"));
        assertTrue(credentials.erase("r.example"));
        assertFalse(credentials.erase("r.example"));
        assertEquals(Optional.empty(), credentials.of("r.example"));
    }

    @Test
    void withoutAPlaceNothingIsKept() {
        environment.clear();
        OciException e = assertThrows(
                OciException.class, () -> Credentials.open(environment).store("r.example", new Login("u", "s")));
        assertEquals(
                "neither XDG_CONFIG_HOME nor HOME is an absolute path, so there is no place to keep credentials",
                e.getMessage());
    }

    /** Who keeps such files elsewhere, and links them here, finds the login there. */
    @Test
    void aLinkStaysALink() throws IOException {
        write("dotfiles/auth.json", "{}");
        Path link = home.resolve(".config/javisor/auth.json");
        Path _ = Files.createDirectories(link.getParent());
        Path _ = Files.createSymbolicLink(link, home.resolve("dotfiles/auth.json"));
        String _ = Credentials.open(environment).store("r.example", new Login("u", "p"));
        assertTrue(Files.isSymbolicLink(link));
        assertTrue(Files.readString(home.resolve("dotfiles/auth.json")).contains("r.example"));
        assertEquals(Optional.of(new Login("u", "p")), of("r.example"));
    }

    /** An older entry may have the same host in another form, and come first. */
    @Test
    void theLastLoginIsTheOneThatCounts() throws IOException {
        write(".config/javisor/auth.json", auths("https://r.example/v1/", "u", "old"));
        String _ = Credentials.open(environment).store("r.example", new Login("u", "new"));
        assertEquals(Optional.of(new Login("u", "new")), of("r.example"));
        assertTrue(Credentials.open(environment).erase("r.example"));
        assertEquals(Optional.empty(), of("r.example"));
    }

    /** A pipe takes 64 KiB; more would wait for a program that need not read. */
    @Test
    void aHelperThatReadsNothingIsNotWaitedFor() throws IOException {
        write("bin/docker-credential-deaf", "#!/bin/sh\nexec sleep 5\n");
        Path _ = Files.setPosixFilePermissions(
                home.resolve("bin/docker-credential-deaf"), PosixFilePermissions.fromString("rwx------"));
        OciException e = assertThrows(
                OciException.class,
                () -> CredentialHelper.find("deaf", environment, Duration.ofMillis(50))
                        .orElseThrow()
                        .store("r", new Login("u", "x".repeat(200_000))));
        assertEquals(
                "error getting credentials: docker-credential-deaf store: the secret has more than 32768 bytes",
                e.getMessage());
    }
}
