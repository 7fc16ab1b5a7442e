package io.javisor.oci.registry;

import static io.javisor.oci.registry.Setup.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.javisor.oci.ImageSource;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.Reference;
import io.javisor.oci.registry.http.HttpClient;
import io.javisor.oci.registry.http.Proxies;
import io.javisor.oci.registry.http.ScriptedServer;
import io.javisor.oci.registry.http.ScriptedServer.Asked;
import io.javisor.oci.registry.http.Timing;
import io.javisor.oci.registry.http.Trust;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthorizerTest {
    private static final String MANIFEST = "{\"config\":{},\"layers\":[]}";
    private static final String TYPE = "Content-Type: " + MediaTypes.OCI_MANIFEST + "\r\n";

    @TempDir
    private Path home = Path.of("");

    private final List<String> tokensAsked = Collections.synchronizedList(new ArrayList<>());
    private volatile String good = "t1";

    /** A registry that takes the token {@link #good}. */
    private void registry(Asked asked, ScriptedServer tokens) throws IOException {
        if (asked.header("Authorization").orElse("").equals("Bearer " + good)) {
            asked.answer(200, TYPE, MANIFEST);
        } else {
            String body = "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}";
            asked.answer(
                    401,
                    "WWW-Authenticate: Bearer realm=\"http://" + tokens.host()
                            + "/token?x=y\",service=\"the registry\",scope=\"repository:a:pull\"\r\n",
                    body);
        }
    }

    private ScriptedServer tokens(String answer) throws IOException {
        return ScriptedServer.start(asked -> {
            tokensAsked.add(asked.method() + " " + asked.target() + " "
                    + asked.header("Authorization").orElse("-") + " " + asked.text());
            asked.answer(answer.startsWith("{\"d") ? 401 : 200, "", answer.replace("GOOD", good));
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'token':'GOOD'}",
                "{'access_token':'GOOD','expires_in':300}",
                "{'token':'GOOD','expires_in':-5}",
                "{'token':'GOOD','expires_in':1e99,'x':[]}"
            })
    void aTokenIsFetchedOnceForAllThatItIsGoodFor(String answer) throws Exception {
        try (ScriptedServer tokens = tokens(answer.replace('\'', '"'));
                ScriptedServer server = ScriptedServer.start(asked -> registry(asked, tokens));
                Setup setup = Setup.of(home)) {
            for (int i = 0; i < 3; i++) {
                try (ImageSource source = setup.registries().source(Reference.parse(server.host() + "/a"))) {
                    assertEquals(MediaTypes.OCI_MANIFEST, source.top().mediaType());
                }
            }
            assertEquals(
                    List.of("GET /token?x=y&service=the+registry&scope=repository%3Aa%3Apull&client_id=javisor - "),
                    tokensAsked);
            assertEquals(4, server.requests().size());
            try (ImageSource source = setup.registries().source(Reference.parse(server.host() + "/other"))) {
                assertEquals(MediaTypes.OCI_MANIFEST, source.top().mediaType());
            }
            assertEquals(2, tokensAsked.size());
        }
    }

    @Test
    void aTokenThatIsNotGoodAnyMoreIsReplaced() throws Exception {
        try (ScriptedServer tokens = tokens("{\"token\":\"GOOD\"}");
                ScriptedServer server = ScriptedServer.start(asked -> registry(asked, tokens));
                Setup setup = Setup.of(home);
                ImageSource source = setup.registries().source(Reference.parse(server.host() + "/a"))) {
            assertEquals(MediaTypes.OCI_MANIFEST, source.top().mediaType());
            good = "t2";
            assertEquals(MediaTypes.OCI_MANIFEST, source.top().mediaType());
            assertEquals(2, tokensAsked.size());
        }
    }

    @Test
    void aLoginIsForTheTokenServer() throws Exception {
        try (ScriptedServer tokens = tokens("{\"token\":\"GOOD\"}");
                ScriptedServer server = ScriptedServer.start(asked -> registry(asked, tokens))) {
            Setup.login(home, server.host(), "us er", "secret");
            try (Setup setup = Setup.of(home);
                    ImageSource source = setup.registries().source(Reference.parse(server.host() + "/a"))) {
                assertEquals(MediaTypes.OCI_MANIFEST, source.top().mediaType());
            }
            // printf 'us er:secret' | base64
            assertEquals(
                    List.of("GET /token?x=y&service=the+registry&scope=repository%3Aa%3Apull&account=us+er"
                            + "&client_id=javisor Basic dXMgZXI6c2VjcmV0 "),
                    tokensAsked);
        }
    }

    @Test
    void anIdentityTokenIsExchanged() throws Exception {
        try (ScriptedServer tokens = tokens("{\"access_token\":\"GOOD\"}");
                ScriptedServer server = ScriptedServer.start(asked -> registry(asked, tokens))) {
            Setup.login(home, server.host(), "<token>", "re/fresh");
            try (Setup setup = Setup.of(home);
                    ImageSource source = setup.registries().source(Reference.parse(server.host() + "/a"))) {
                assertEquals(MediaTypes.OCI_MANIFEST, source.top().mediaType());
            }
            assertEquals(
                    List.of("POST /token?x=y - grant_type=refresh_token&client_id=javisor&service=the+registry"
                            + "&scope=repository%3Aa%3Apull&refresh_token=re%2Ffresh"),
                    tokensAsked);
        }
    }

    @Test
    void aTokenThatTookLongerThanItIsKeptIsUsedOnce() throws Exception {
        AtomicLong nanos = new AtomicLong();
        try (ScriptedServer tokens = ScriptedServer.start(asked -> {
                    nanos.addAndGet(Duration.ofSeconds(56).toNanos());
                    asked.answer(200, "", "{\"token\":\"t1\"}");
                });
                HttpClient http = new HttpClient(Timing.DEFAULT, Trust.ofJdk(), Proxies.of(Map.of()))) {
            Authorizer authorizer =
                    new Authorizer("localhost", RegistryConfig.load(Map.of()), http, Optional::empty, nanos::get);
            List<String> challenge = List.of("Bearer realm=\"http://" + tokens.host() + "/token\"");
            assertEquals("Bearer t1", authorizer.answer(challenge, List.of("repository:a:pull"), null));
            assertEquals("Bearer t1", authorizer.current(List.of("repository:a:pull")));
            assertEquals(2, tokens.requests().size(), "it is not kept");
        }
    }

    @Test
    void aTokenThatIsNotEnoughIsSaid() throws Exception {
        try (ScriptedServer tokens = tokens("{\"token\":\"little\"}");
                ScriptedServer server = ScriptedServer.start(asked -> registry(asked, tokens));
                Setup setup = Setup.of(home)) {
            assertEquals(
                    "pull access denied for " + server.host()
                            + "/a, repository does not exist or may require 'javisor login " + server.host()
                            + "': unauthorized: authentication required",
                    failure(() -> setup.registries()
                            .source(Reference.parse(server.host() + "/a"))
                            .top()));
        }
    }

    @Test
    void wrongCredentialsAreSaid() throws Exception {
        try (ScriptedServer tokens = tokens("{\"details\":\"incorrect username or password\"}");
                ScriptedServer server = ScriptedServer.start(asked -> registry(asked, tokens))) {
            Setup.login(home, server.host(), "user", "secret");
            try (Setup setup = Setup.of(home)) {
                String message = failure(() -> setup.registries()
                        .source(Reference.parse(server.host() + "/a"))
                        .top());
                assertEquals(
                        "Get \"http://" + tokens.host()
                                + "/token\": incorrect username or password; try 'javisor login " + server.host()
                                + "' again",
                        message);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | no JSON object",
                "{} | no token",
                "{'token':5} | no token",
                "{'token':'a\\r\\nX: y'} | a token with characters that none has",
            })
    void aTokenServerThatGivesNoneIsSaid(String answer, String what) throws Exception {
        try (ScriptedServer tokens = tokens(answer.replace('\'', '"'));
                ScriptedServer server = ScriptedServer.start(asked -> registry(asked, tokens));
                Setup setup = Setup.of(home)) {
            assertEquals(
                    server.host() + ": its token server gives " + what,
                    failure(() -> setup.registries()
                            .source(Reference.parse(server.host() + "/a"))
                            .top()));
        }
    }

    @Test
    void aRegistryThatAsksForNothingThatIsKnownIsSaid() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(
                        asked -> asked.answer(401, "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: Bearer\r\n", ""));
                Setup setup = Setup.of(home)) {
            assertEquals(
                    "pull access denied for " + server.host()
                            + "/a, repository does not exist or may require 'javisor login " + server.host()
                            + "': unauthorized",
                    failure(() -> setup.registries()
                            .source(Reference.parse(server.host() + "/a"))
                            .top()));
        }
    }

    @Test
    void aRealmThatIsNoUrlIsSaid() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(
                        asked -> asked.answer(401, "WWW-Authenticate: Bearer realm=\"file:///etc/passwd\"\r\n", ""));
                Setup setup = Setup.of(home)) {
            assertEquals(
                    "Get \"http://" + server.host()
                            + "/v2/a/manifests/latest\": the server gave an invalid URL \"file:///etc/passwd\": it is"
                            + " neither http nor https",
                    failure(() -> setup.registries()
                            .source(Reference.parse(server.host() + "/a"))
                            .top()));
        }
    }

    /** 192.0.2.0/24 is nobody's (RFC 5737). */
    @Test
    void aRealmInTheClearIsForThisComputerAlone() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(
                asked -> asked.answer(401, "WWW-Authenticate: Bearer realm=\"http://192.0.2.1/token\"\r\n", ""))) {
            Setup.login(home, server.host(), "user", "secret");
            try (Setup setup = Setup.of(home);
                    ImageSource source = setup.registries().source(Reference.parse(server.host() + "/a"))) {
                assertEquals(
                        server.host() + ": its token server http://192.0.2.1 would be asked over http, so that anyone"
                                + " could read the password; if that is meant, set \"http\": true for \"192.0.2.1\" in "
                                + home.resolve(".config/javisor/registries.json"),
                        failure(source::top));
            }
        }
    }

    @Test
    void aLoginIsChecked() throws Exception {
        AtomicInteger basic = new AtomicInteger();
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    assertEquals("/v2/", asked.target());
                    // printf user:secret | base64
                    if (asked.header("Authorization").orElse("").equals("Basic dXNlcjpzZWNyZXQ=")) {
                        basic.incrementAndGet();
                        asked.answer(200, "", "{}");
                    } else {
                        asked.answer(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "");
                    }
                });
                Setup setup = Setup.of(home)) {
            setup.registries().checkLogin(server.host(), new Credentials.Login("user", "secret"));
            assertEquals(1, basic.get());
            String message = failure(
                    () -> setup.registries().checkLogin(server.host(), new Credentials.Login("user", "guessed")));
            assertEquals(
                    "login attempt to http://" + server.host() + "/v2/ failed with status: 401 Some Words", message);
            assertFalse(message.contains("guessed"), message);
        }
    }

    @Test
    void aLoginWithATokenServerIsChecked() throws Exception {
        try (ScriptedServer tokens = tokens("{\"token\":\"GOOD\"}");
                ScriptedServer server = ScriptedServer.start(asked -> registry(asked, tokens));
                Setup setup = Setup.of(home)) {
            setup.registries().checkLogin(server.host(), new Credentials.Login("user", "secret"));
            assertEquals(1, tokensAsked.size());
        }
    }

    /** Of a length that no URL has any more once it is encoded. */
    @Test
    void aServiceThatFitsIntoNoUrlIsSaid() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(
                        401,
                        "WWW-Authenticate: Bearer realm=\"http://"
                                + asked.header("host").orElse("") + "/token\",service=\"" + "/".repeat(8000) + "\"\r\n",
                        ""));
                Setup setup = Setup.of(home);
                ImageSource source = setup.registries().source(Reference.parse(server.host() + "/a"))) {
            assertEquals(
                    server.host() + ": the URL of its token server is too long; tell the registry's operator",
                    failure(source::top));
        }
    }
}
