package io.javisor.agent;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the agent was asked for and has not answered. Requests of one id and type are answered in their order; one that nobody waits for any more keeps
 * its place. Any thread.
 */
final class Requests {
    /** With more, the agent is taken for one that does not answer. */
    static final int MAX_OPEN = 256;

    private record Key(int id, int type) {}

    private final Map<Key, ArrayDeque<CompletableFuture<Message>>> open = new HashMap<>();
    private int count;
    private @Nullable String end; // why no answer comes any more

    /**
     * A future for the next answer.
     *
     * @throws AgentException if there are too many, or none comes any more
     */
    synchronized CompletableFuture<Message> expect(int id, int type) {
        if (end != null) {
            throw new AgentException(AgentException.FAILED, end);
        }
        if (count == MAX_OPEN) {
            throw new AgentException(AgentException.FAILED, "the agent does not answer");
        }
        CompletableFuture<Message> answer = new CompletableFuture<>();
        open.computeIfAbsent(new Key(id, type), _ -> new ArrayDeque<>()).add(answer);
        count++;
        return answer;
    }

    /** The future that waits for that answer the longest, or null. */
    synchronized @Nullable CompletableFuture<Message> next(int id, int type) {
        Key key = new Key(id, type);
        ArrayDeque<CompletableFuture<Message>> waiting = open.get(key);
        if (waiting == null) {
            return null;
        }
        CompletableFuture<Message> first = waiting.remove();
        if (waiting.isEmpty()) {
            open.remove(key);
        }
        count--;
        return first;
    }

    /** The last one that was expected is not sent. */
    synchronized void forgetLast(int id, int type) {
        Key key = new Key(id, type);
        ArrayDeque<CompletableFuture<Message>> waiting = open.get(key);
        if (waiting != null) {
            CompletableFuture<Message> _ = waiting.removeLast();
            if (waiting.isEmpty()) {
                open.remove(key);
            }
            count--;
        }
    }

    /** Fails all, and those that come. */
    synchronized void close(String reason) {
        end = reason;
        open.values()
                .forEach(all -> all.forEach(
                        each -> each.completeExceptionally(new AgentException(AgentException.FAILED, reason))));
        open.clear();
        count = 0;
    }
}
