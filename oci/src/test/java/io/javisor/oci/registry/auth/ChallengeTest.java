package io.javisor.oci.registry.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChallengeTest {
    private static List<Challenge> parse(String... headers) {
        return Challenge.parse(List.of(headers));
    }

    @Test
    void readsWhatRegistriesSend() {
        assertEquals(
                List.of(new Challenge(
                        "bearer",
                        Map.of(
                                "realm", "https://auth.docker.io/token",
                                "service", "registry.docker.io",
                                "scope", "repository:library/debian:pull,push"))),
                parse("Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
                        + "scope=\"repository:library/debian:pull,push\""));
        assertEquals(
                List.of(new Challenge("basic", Map.of("realm", "Registry Realm"))),
                parse("Basic realm=\"Registry Realm\""));
    }

    @Test
    void readsSeveralChallengesOfOneHeaderAndOfSeveral() {
        List<Challenge> expected = List.of(
                new Challenge("negotiate", Map.of()),
                new Challenge("digest", Map.of("nonce", "a,b=\"c\"", "qop", "auth")),
                new Challenge("basic", Map.of("realm", "x")));
        assertEquals(expected, parse("Negotiate, Digest nonce=\"a,b=\\\"c\\\"\" , qop=auth,, BASIC Realm = x"));
        assertEquals(expected, parse("Negotiate", "Digest nonce=\"a,b=\\\"c\\\"\", qop=auth", "Basic realm=x"));
    }

    @Test
    void passesOverATokenOfAnotherScheme() {
        assertEquals(
                List.of(new Challenge("negotiate", Map.of()), new Challenge("basic", Map.of("realm", "x"))),
                parse("Negotiate YWJj==, Basic realm=\"x\""));
    }

    @Test
    void keepsTheFirstOfTwoValues() {
        assertEquals(List.of(new Challenge("basic", Map.of("realm", "1"))), parse("Basic realm=1, realm=2"));
    }

    @Test
    void keepsWhatCameBeforeWhatItCannotRead() {
        assertEquals(
                List.of(new Challenge("bearer", Map.of("realm", "x"))), parse("Bearer realm=\"x\", service=\"endless"));
        assertEquals(List.of(new Challenge("a", Map.of())), parse("a \u0000 b"));
        assertEquals(List.of(), parse("", " ,, ", "\u00e9", "=\"x\""));
        assertEquals(List.of(), parse("Basic realm=" + "x".repeat(1 << 20)));
        assertEquals(16, parse("a, ".repeat(100)).size());
    }
}
