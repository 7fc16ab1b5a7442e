package io.javisor.gdb;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.log.LogLimit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a machine to one client at a time; a second one waits until the first has gone. A client that goes away, whatever it left, lets the guest
 * go on. Its thread is {@code NAME/gdb}, with another for the connection.
 */
public final class GdbServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GdbServer.class);
    private static final long ACCEPT_RETRY_MILLIS = 100;
    private static final long GOODBYE_MILLIS = 1000;

    /** Where clients come from. */
    public interface Door extends AutoCloseable {
        /**
         * Waits for the next client.
         *
         * @throws ClosedChannelException after {@link #close}
         */
        SocketChannel next() throws IOException;

        /** Any thread. Does nothing the second time. */
        @Override
        void close();
    }

    private final String name;
    private final Door door;
    private final DebugTarget target;
    private final boolean waits;
    private final BlockingQueue<ClientInput.Event> events = new LinkedBlockingQueue<>();
    private final LogLimit lines = new LogLimit();
    private final Thread thread;
    private volatile @Nullable SocketChannel client;
    private volatile boolean ended;
    private boolean everContinued; // the thread's
    private byte[] lastFrame = {}; // the thread's

    private GdbServer(String name, Door door, DebugTarget target, boolean waits) {
        this.name = name;
        this.door = door;
        this.target = target;
        this.waits = waits;
        thread = Thread.ofPlatform().daemon().name(name + "/gdb").unstarted(this::run);
    }

    /**
     * Takes clients in.
     *
     * @param name the machine's
     * @param door closed with the server
     * @param waits whether the machine is held until a client lets it go on
     */
    public static GdbServer start(String name, Door door, DebugTarget target, boolean waits) {
        GdbServer server = new GdbServer(name, door, target, waits);
        target.tell(new DebugTarget.Listener() {
            @Override
            public void stopped(int vcpu) {
                server.events.add(new ClientInput.Stopped(vcpu));
            }

            @Override
            public void ended() {
                server.ended = true;
                server.events.add(new ClientInput.Ended());
            }
        });
        server.thread.start();
        return server;
    }

    private void run() {
        while (!ended) {
            try {
                serve(door.next());
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                lines.warn(LOG, "gdb of {}: {}", name, e.getMessage()); // no descriptor left, most likely
                try {
                    Thread.sleep(ACCEPT_RETRY_MILLIS);
                } catch (InterruptedException _) {
                    return;
                }
            }
        }
    }

    private void serve(SocketChannel channel) {
        Session session;
        try {
            session = new Session(target);
        } catch (DebugTarget.MachineEndedException e) {
            ClientInput.close(channel);
            return;
        }
        client = channel;
        String why = null;
        try (ClientInput input = ClientInput.start(name + "/gdb-client", channel, events)) {
            why = talk(session, channel, input);
        } catch (IOException e) {
            why = "the client has gone";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.debug("gdb of {}", name, e);
            why = String.valueOf(e.getMessage());
        }
        client = null;
        events.removeIf(event -> !(event instanceof ClientInput.Ended));
        leave(session, why);
    }

    /** Says once what became of a client that did not take its leave, and lets the guest go on. */
    private void leave(Session session, @Nullable String why) {
        boolean attached = session.attached();
        everContinued |= session.everContinued();
        boolean goesOn = attached && (everContinued || !waits);
        if (why != null && !ended) {
            lines.warn(
                    LOG,
                    "gdb of {}: {}; {}",
                    name,
                    why,
                    goesOn || everContinued || !waits ? "the guest goes on" : "the guest still waits for a debugger");
        }
        if (goesOn && !ended) {
            try {
                session.release();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                lines.warn(LOG, "gdb of {}: {}", name, e.getMessage());
            }
        }
    }

    /** Until the client or the machine has gone; gives what is wrong with that, or null. */
    private @Nullable String talk(Session session, SocketChannel channel, ClientInput input)
            throws IOException, InterruptedException {
        while (!session.over()) {
            ClientInput.Event event = events.take();
            switch (event) {
                case ClientInput.Gone(String why) -> {
                    return why == null && session.attached() ? "the client has gone" : why;
                }
                case ClientInput.Received(PacketParser.Item item) -> {
                    input.taken();
                    take(session, channel, item);
                }
                case ClientInput.Stopped(int vcpu) -> answer(session, channel, afterStop(session.stopped(vcpu)));
                case ClientInput.Ended _ -> answer(session, channel, session.ended());
            }
        }
        return null;
    }

    /** What other vCPUs told before they were parked is old when the guest goes on: they tell it again. */
    private byte @Nullable [] afterStop(byte @Nullable [] reply) {
        events.removeIf(ClientInput.Stopped.class::isInstance);
        return reply;
    }

    private void take(Session session, SocketChannel channel, PacketParser.Item item)
            throws IOException, InterruptedException {
        switch (item) {
            case PacketParser.Packet(Bytes data) -> {
                if (!session.withoutAck()) {
                    write(channel, Packets.text("+"));
                }
                byte[] reply = session.handle(data.toArray());
                answer(session, channel, data.length() > 0 && data.get(0) == '?' ? afterStop(reply) : reply);
            }
            case PacketParser.Interrupt _ -> answer(session, channel, afterStop(session.interrupted()));
            case PacketParser.Damaged _ -> {
                if (!session.withoutAck()) {
                    write(channel, Packets.text("-"));
                }
            }
            case PacketParser.Again _ -> {
                if (!session.withoutAck()) {
                    write(channel, lastFrame);
                }
            }
            case PacketParser.Nonsense _ -> throw new IllegalStateException("ends the input");
        }
    }

    private void answer(Session session, SocketChannel channel, byte @Nullable [] reply) throws IOException {
        if (reply != null) {
            lastFrame = Packets.frame(reply);
            write(channel, lastFrame);
        }
        everContinued |= session.everContinued();
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            int _ = channel.write(buffer);
        }
    }

    /**
     * Ends it: a client that waits is told that the machine has ended, if it has. Not to be called by what the target calls. Does nothing the
     * second time.
     */
    @Override
    public void close() {
        door.close();
        boolean interrupted = false;
        long patience = GOODBYE_MILLIS;
        while (thread.isAlive()) {
            try {
                thread.join(patience);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            patience = ACCEPT_RETRY_MILLIS;
            SocketChannel present = client;
            if (present != null && thread.isAlive()) {
                ClientInput.close(present);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
