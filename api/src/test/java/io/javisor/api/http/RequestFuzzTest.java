package io.javisor.api.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.Routes;
import io.javisor.api.control.RootRoutes;
import io.javisor.api.firecracker.FirecrackerRoutes;
import io.javisor.api.firecracker.MicroVm;
import io.javisor.machine.host.Console;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Any bytes from a client, in two pieces. What comes back is HTTP; each refusal is an object with one line in it and no stack trace; a machine that nobody has
 * started is still that.
 */
class RequestFuzzTest {
    private static final Limits LIMITS = new Limits(1, 4096, Duration.ofSeconds(60));

    /** Those that would open a file of the host that the input names, or start a machine. */
    private static final Set<String> LEFT_OUT = Set.of("logger", "metrics", "actions");

    static Stream<byte[]> seeds() {
        return Stream.of(
                seed(7, "GET / HTTP/1.1", "", ""),
                seed(32, "PUT /machine-config HTTP/1.1", "", "{'vcpu_count':2,'mem_size_mib':256}"),
                seed(
                        1,
                        "PATCH /machine-config HTTP/1.1",
                        "Transfer-Encoding: chunked",
                        "12\r\n{'vcpu_count':33.}\r\n0\r\n\r\n"),
                seed(3, "PUT /drives/a HTTP/1.1", "", "{'drive_id':'a','is_root_device':true,'path_on_host':'/none'}"),
                seed(90, "PUT /network-interfaces/n HTTP/1.1", "", "{'iface_id':'n','host_dev_name':'tap0'}"),
                seed(5, "PUT /javisor/v1/state HTTP/1.1", "Expect: 100-continue", "{'state':'paused'}"),
                seed(2, "PUT /x HTTP/1.1", "Content-Length: 5000", ""),
                seed(9, "GET /%zz HTTP/1.0", "Connection: keep-alive", ""));
    }

    /** Twice the same request, the first piece that many bytes long. */
    private static byte[] seed(int firstPiece, String start, String header, String body) {
        String json = body.replace('\'', '"');
        String length = header.contains(":") && !header.startsWith("E") ? header : "Content-Length: " + json.length();
        String more = header.startsWith("E") ? header + "\r\n" : "";
        String request = start + "\r\n" + more + length + "\r\n\r\n" + json;
        return ((char) firstPiece + request + request).getBytes(StandardCharsets.ISO_8859_1);
    }

    @MethodSource("seeds")
    @FuzzTest
    void whateverComesIsAnswered(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        try (MicroVm vm = new MicroVm("fuzz", "1", Console.standard())) {
            Routes routes = new RootRoutes(vm, new FirecrackerRoutes(vm));
            EmbeddedChannel server = new EmbeddedChannel();
            server.config().setAutoRead(false);
            Exchange exchange =
                    new Exchange(server, new Answers(request -> filtered(routes, request)), Runnable::run, LIMITS);
            server.pipeline()
                    .addLast(new HttpServerCodec(new HttpDecoderConfig()
                            .setMaxInitialLineLength(Limits.LINE_BYTES)
                            .setMaxHeaderSize(Limits.HEADER_BYTES)))
                    .addLast(exchange);
            int first = 1 + Math.min(bytes[0] & 0xFF, bytes.length - 1);
            send(server, Unpooled.wrappedBuffer(bytes, 1, first - 1));
            send(server, Unpooled.wrappedBuffer(bytes, first, bytes.length - first));
            checkAnswers(server);
            assertEquals(null, vm.machine());
            boolean _ = server.finishAndReleaseAll();
        }
    }

    private static Response filtered(Routes routes, Request request) throws InterruptedException {
        if (LEFT_OUT.stream().anyMatch(request.path()::contains)) {
            throw Fault.badRequest("left out");
        }
        return routes.handle(request);
    }

    private static void send(EmbeddedChannel server, ByteBuf bytes) {
        if (server.isOpen()) {
            boolean _ = server.writeInbound(bytes);
            server.runPendingTasks();
        } else {
            bytes.release();
        }
    }

    private static void checkAnswers(EmbeddedChannel server) {
        EmbeddedChannel client = new EmbeddedChannel(new HttpClientCodec(), new HttpObjectAggregator(1 << 20));
        for (ByteBuf part = server.readOutbound(); part != null; part = server.readOutbound()) {
            boolean _ = client.writeInbound(part);
        }
        for (FullHttpResponse response = client.readInbound(); response != null; response = client.readInbound()) {
            assertTrue(response.decoderResult().isSuccess(), response::toString);
            String body = response.content().toString(StandardCharsets.UTF_8);
            assertTrue(response.status().code() != 500, body);
            if (response.status().code() >= 400 && !body.isEmpty()) {
                JsonNode fault = JsonMapper.shared().readTree(body).get("fault_message");
                assertNotNull(fault, body);
                assertEquals(1, fault.stringValue().lines().count(), body);
                assertFalse(fault.stringValue().contains("\tat ") || body.contains("java.lang"), body);
            }
            response.release();
        }
        boolean _ = client.finishAndReleaseAll();
    }
}
