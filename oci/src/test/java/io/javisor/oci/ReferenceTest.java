package io.javisor.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
    private static final String HEX = "f".repeat(64);
    private static final String DIGEST = "sha256:" + HEX;
    private static final Optional<String> LATEST = Optional.of("latest");

    @ParameterizedTest
    @CsvSource({
        // text, registry, repository, tag, familiar
        "debian, docker.io, library/debian, latest, debian:latest",
        "debian:12-slim, docker.io, library/debian, 12-slim, debian:12-slim",
        "library/debian, docker.io, library/debian, latest, debian:latest",
        "docker/docker, docker.io, docker/docker, latest, docker/docker:latest",
        "docker.io/debian, docker.io, library/debian, latest, debian:latest",
        "docker.io/library/debian, docker.io, library/debian, latest, debian:latest",
        "index.docker.io/debian, docker.io, library/debian, latest, debian:latest",
        "index.docker.io/docker/docker, docker.io, docker/docker, latest, docker/docker:latest",
        "library/a/b, docker.io, library/a/b, latest, library/a/b:latest",
        "127.0.0.1:5000/docker/docker, 127.0.0.1:5000, docker/docker, latest, 127.0.0.1:5000/docker/docker:latest",
        "127.0.0.1:5000/debian, 127.0.0.1:5000, debian, latest, 127.0.0.1:5000/debian:latest",
        "localhost/x, localhost, x, latest, localhost/x:latest",
        "localhost:5000/x:tag, localhost:5000, x, tag, localhost:5000/x:tag",
        "localhost, docker.io, library/localhost, latest, localhost:latest",
        "localhost:5000, docker.io, library/localhost, 5000, localhost:5000",
        "192.168.1.1, docker.io, library/192.168.1.1, latest, 192.168.1.1:latest",
        "192.168.1.1:80, docker.io, library/192.168.1.1, 80, 192.168.1.1:80",
        "test.com:5000, docker.io, library/test.com, 5000, test.com:5000",
        "test:5000/repo:tag, test:5000, repo, tag, test:5000/repo:tag",
        "lowercase:Uppercase, docker.io, library/lowercase, Uppercase, lowercase:Uppercase",
        "sub-dom1.foo.com/bar/baz/quux:some-long-tag, sub-dom1.foo.com, bar/baz/quux, some-long-tag,"
                + " sub-dom1.foo.com/bar/baz/quux:some-long-tag",
        "b.gcr.io/test.example.com/my-app:test.example.com, b.gcr.io, test.example.com/my-app, test.example.com,"
                + " b.gcr.io/test.example.com/my-app:test.example.com",
        "xn--n3h.com/myimage:xn--n3h.com, xn--n3h.com, myimage, xn--n3h.com, xn--n3h.com/myimage:xn--n3h.com",
        "foo_bar.com:8080, docker.io, library/foo_bar.com, 8080, foo_bar.com:8080",
        "foo/foo_bar.com:8080, docker.io, foo/foo_bar.com, 8080, foo/foo_bar.com:8080",
        "Docker/docker, Docker, docker, latest, Docker/docker:latest",
        "HOST/a/b:C, HOST, a/b, C, HOST/a/b:C",
        "[2001:db8::1]/repo, [2001:db8::1], repo, latest, [2001:db8::1]/repo:latest",
        "[2001:db8::1]:5000/repo:tag, [2001:db8::1]:5000, repo, tag, [2001:db8::1]:5000/repo:tag",
        "[::1]:5000/repo, [::1]:5000, repo, latest, [::1]:5000/repo:latest",
        "x/a__b.c-d---e, docker.io, x/a__b.c-d---e, latest, x/a__b.c-d---e:latest",
        "docker.io/localhost/x, docker.io, localhost/x, latest, docker.io/localhost/x:latest",
        "docker.io/foo.com/x, docker.io, foo.com/x, latest, docker.io/foo.com/x:latest",
        "x:_, docker.io, library/x, _, x:_",
    })
    void completesAsDockerDoes(String text, String registry, String repository, String tag, String familiar) {
        Reference reference = Reference.parse(text);
        assertEquals(new Reference(registry, repository, Optional.of(tag), Optional.empty()), reference);
        assertEquals(familiar, reference.familiar());
        assertEquals(reference, Reference.parse(reference.familiar()));
        assertEquals(reference, Reference.parse(reference.toString()));
    }

    @Test
    void keepsTagAndDigest() {
        Digest digest = Digest.parse(DIGEST);
        assertEquals(
                new Reference("test:5000", "repo", Optional.of("tag"), Optional.of(digest)),
                Reference.parse("test:5000/repo:tag@" + DIGEST));
        Reference byDigest = Reference.parse("debian@" + DIGEST);
        assertEquals(Optional.empty(), byDigest.tag());
        assertEquals("debian@" + DIGEST, byDigest.familiar());
        assertEquals(byDigest, Reference.parse("debian:12").withDigest(digest));
        assertEquals(
                "sha512",
                Reference.parse("xn--7o8h.com/myimage:x@sha512:" + HEX + HEX)
                        .digest()
                        .orElseThrow()
                        .algorithm());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":justtag",
                "@" + "sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "repo@sha256:ffffffffffffffffffffffffffffffffff",
                "validname@invaliddigest:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "Uppercase:tag",
                "test:5000/Uppercase/lowercase:tag",
                "aa/asdf$$^/aa",
                "a/../b",
                "../b",
                "localhost:5000/../b",
                "a//b",
                "/a",
                "a/",
                "localhost/",
                "docker///docker",
                "https://github.com/docker/docker",
                "docker/Docker",
                "-docker",
                "-docker/docker",
                "-docker.io/docker/docker",
                "docker.io/docker/Docker",
                "docker.io/docker///docker",
                "[fc00::1]",
                "[fc00::1]:5000",
                "fc00::1:5000/debian",
                "[fe80::1%eth0]:5000/debian",
                "[2001:db8:3:4::192.0.2.33]:5000/debian",
                "foo_bar.com/x",
                "x:",
                "x:-",
                "x:a b",
                "x y",
                "x_",
                "a..b",
                "a___b",
                "x@",
                "x@sha256:",
                "x:y:z",
                "\u00E4",
                "x\nFROM",
                "x\u0000",
                "host.example:123456/x"
            })
    void refuses(String text) {
        OciException e = assertThrows(OciException.class, () -> Reference.parse(text));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("invalid reference format"), message);
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
    }

    @Test
    void saysWhatIsWrong() {
        assertMessage("invalid reference format", "");
        assertMessage("invalid reference format: repository name must be lowercase: Debian", "Debian");
        assertMessage("invalid reference format: invalid tag: x:a b", "x:a b");
        assertMessage("invalid repository name (" + HEX + "), cannot specify 64-byte hexadecimal strings", HEX);
        assertEquals("library/" + HEX, Reference.parse("docker.io/" + HEX).repository());
    }

    private static void assertMessage(String message, String text) {
        assertEquals(
                message,
                assertThrows(OciException.class, () -> Reference.parse(text)).getMessage());
    }

    @Test
    void boundsLengths() {
        assertEquals(
                255,
                Reference.parse("a/" + "b/".repeat(126) + "c:tag").repository().length());
        assertEquals(
                128, Reference.parse("x:" + "t".repeat(128)).tag().orElseThrow().length());
        assertThrows(OciException.class, () -> Reference.parse("x:" + "t".repeat(129)));
        assertThrows(OciException.class, () -> Reference.parse("a/".repeat(128) + "a:tag"));
        assertThrows(OciException.class, () -> Reference.parse("a.".repeat(100_000) + "a"));
        assertThrows(OciException.class, () -> Reference.parse("a.".repeat(100_000) + "a/x"));
    }

    @Test
    void holdsNothingThatParseWouldRefuse() {
        assertThrows(OciException.class, () -> new Reference("docker.io", "../x", LATEST, Optional.empty()));
        assertThrows(OciException.class, () -> new Reference("docker.io", "", LATEST, Optional.empty()));
        assertThrows(OciException.class, () -> new Reference("a/b", "x", LATEST, Optional.empty()));
        assertThrows(OciException.class, () -> new Reference("a", "x", Optional.of("."), Optional.empty()));
        assertThrows(OciException.class, () -> new Reference("a", "x", Optional.empty(), Optional.empty()));
    }
}
