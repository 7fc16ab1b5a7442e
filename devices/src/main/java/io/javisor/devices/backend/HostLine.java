package io.javisor.devices.backend;

import io.javisor.core.host.HostException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A serial line with any number of ends on the host. What the guest sends goes to one log of 1 MiB, which each end reads at its own speed; the
 * input of all goes to the guest, in the order in which it comes. An end can be taken off while the others go on.
 *
 * <p>The guest waits for the slowest of terminal and files: from 960 KiB on its transmitter is held, until half of that is gone. It never waits
 * for clients of a socket or a pty.
 *
 * <p>Ends are added before a port is attached, by one thread.
 */
public final class HostLine implements SinkBackend {
    private final String name;
    private final HostEvents events;
    private final OutputLog log;
    private final InputQueue input;
    private final Object lock = new Object();
    private LineEnd[] all = {};
    private volatile LineEnd[] present = {};
    private volatile @Nullable Listener listener;

    /**
     * Makes a line without an end.
     *
     * @param name for messages and timers, such as {@code com2}
     */
    public HostLine(String name, HostEvents events) {
        this.name = name;
        this.events = events;
        this.log = new OutputLog(name, events, this::flush);
        this.input = new InputQueue(name, events, this::resumeInput);
    }

    /**
     * Adds an end on two open descriptors, such as standard input and output: terminals, pipes, sockets, regular files, /dev/null, in any mix.
     * Their modes are left as they are. They stay the caller's, who closes them after this line.
     *
     * @param inputFd open for reading; another number than {@code outputFd}
     * @param outputFd open for writing
     * @param filter sees the input first
     * @param inputEvents has workers for the input alone, where what holds up output must not hold up the escape key
     * @throws HostException if one can't be watched
     */
    public StdioEnd addStdio(int inputFd, int outputFd, ConsoleInputFilter filter, HostEvents inputEvents) {
        if (inputFd == outputFd) {
            throw new IllegalArgumentException(name + ": input and output are both descriptor " + inputFd);
        }
        LogWriter output = new LogWriter(name, log, outputFd, events, this::outputDrained);
        try {
            return add(new StdioEnd(
                    new InputPump(name, inputFd, inputEvents, filter, input, this::inputAvailable), output));
        } catch (HostException e) {
            output.close();
            throw e;
        }
    }

    /**
     * Adds an end that takes output only. The descriptor stays the caller's, who closes it after this line.
     *
     * @param fd open for writing
     * @throws HostException if it can't be watched
     */
    public void addFile(int fd) {
        FileEnd _ = add(new FileEnd(new LogWriter(name, log, fd, events, this::outputDrained)));
    }

    /**
     * Adds an end that takes output only and is no single descriptor, such as a file that is rotated. It stays the caller's, who closes it
     * after this line.
     *
     * @param endName for messages, such as {@code com1/log}
     */
    public void addFile(String endName, OutputTarget target) {
        FileEnd _ = add(new FileEnd(new LogWriter(endName, log, target, events, this::outputDrained)));
    }

    /**
     * Adds a listening Unix socket and its clients. The descriptor stays the caller's, who closes it after this line.
     *
     * @param listeningFd a listening stream socket in non-blocking mode
     * @throws HostException if it can't be watched
     */
    public SocketEnd addSocket(int listeningFd) {
        return add(new SocketEnd(name, listeningFd, events, newPeers(_ -> {})));
    }

    /**
     * Adds a pseudoterminal. The descriptor stays the caller's, who closes it after this line.
     *
     * @param masterFd the master, in non-blocking mode, of a slave that was opened before
     */
    public PtyEnd addPty(int masterFd) {
        return add(new PtyEnd(name, masterFd, events, this::newPeers));
    }

    /** Adds an end where all output is dropped, and counted. */
    public void addNothing() {
        NullEnd _ = add(new NullEnd(log, log.end()));
    }

    private PeerSet newPeers(Consumer<Peer> departed) {
        return new PeerSet(log, input, events, this::inputAvailable, departed);
    }

    private <E extends LineEnd> E add(E end) {
        synchronized (lock) {
            all = Arrays.copyOf(all, all.length + 1);
            all[all.length - 1] = end;
            present = all;
        }
        return end;
    }

    @Override
    public void attach(Listener newListener) {
        if (listener != null) {
            throw new IllegalStateException("attached already");
        }
        listener = newListener;
        for (LineEnd end : present) {
            end.start();
        }
    }

    @Override
    public int read() {
        return input.poll();
    }

    @Override
    public boolean write(int value) {
        return log.append(value);
    }

    @Override
    public boolean write(MemorySegment data, long dataOffset, int count) {
        return log.append(data, dataOffset, count);
    }

    /** The first end of {@link #addStdio}, taken off or not; null if there is none. */
    public @Nullable StdioEnd standard() {
        synchronized (lock) {
            for (LineEnd end : all) {
                if (end instanceof StdioEnd standard) {
                    return standard;
                }
            }
            return null;
        }
    }

    /** For messages and timers. */
    public String name() {
        return name;
    }

    /** How many ends it was given. */
    public int ends() {
        synchronized (lock) {
            return all.length;
        }
    }

    /** Figures of the first end, by which the line is known; what was read is the sum of all. */
    @Override
    public SerialCounters counters() {
        LineEnd[] ends;
        synchronized (lock) {
            ends = all;
        }
        if (ends.length == 0) {
            return new SerialCounters(0, 0, 0, 0, 0);
        }
        SerialCounters first = ends[0].counters();
        long readBytes = 0;
        for (LineEnd end : ends) {
            readBytes += end.counters().readBytes();
        }
        return new SerialCounters(
                readBytes, first.writtenBytes(), first.writeCalls(), first.lostBytes(), first.discardedBytes());
    }

    /**
     * Takes standard input and output off and closes that end; what it has not written within {@code timeoutNanos} is lost. Not to be called on
     * the loop. Nothing is done if it is off already.
     */
    public void takeOff(StdioEnd end, long timeoutNanos) {
        synchronized (lock) {
            LineEnd[] others =
                    Arrays.stream(present).filter(other -> !other.equals(end)).toArray(LineEnd[]::new);
            if (others.length == present.length) {
                return;
            }
            present = others;
        }
        boolean _ = end.flushAndClose(timeoutNanos);
        outputDrained(); // if it held the guest; another end that holds it says so when it is asked
    }

    /** All ends together wait for slow readers no longer than {@code timeoutNanos}; each that is not slow has its output whatever another does. */
    @Override
    public boolean flushAndClose(long timeoutNanos) {
        long deadline = System.nanoTime() + timeoutNanos;
        LineEnd[] ends = all();
        for (LineEnd end : ends) {
            end.beginFlush();
        }
        boolean flushed = true;
        for (LineEnd end : ends) {
            flushed &= end.flushAndClose(Math.max(0, deadline - System.nanoTime()));
        }
        close();
        return flushed;
    }

    @Override
    public void close() {
        for (LineEnd end : all()) {
            end.close();
        }
        log.close();
        input.close();
    }

    /** Those too that are just being taken off: closed twice they are closed once. */
    private LineEnd[] all() {
        synchronized (lock) {
            return all;
        }
    }

    /** On the loop. */
    private void flush() {
        for (LineEnd end : present) {
            end.flush();
        }
    }

    /** On the loop. */
    private void resumeInput() {
        for (LineEnd end : present) {
            end.resumeInput();
        }
    }

    private void inputAvailable() {
        Listener guest = listener;
        if (guest != null) {
            guest.inputAvailable();
        }
    }

    private void outputDrained() {
        Listener guest = listener;
        if (guest != null) {
            guest.outputDrained();
        }
    }
}
