package io.javisor.gdb;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.host.HostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a client's packets do and what they are answered (GDB manual, "Packets", "General Query Packets"). The guest runs until the client asks
 * for its state; from then on it runs when the client says so. Of one thread.
 */
final class Session {
    /** What is promised to clients: the most bytes of a packet. */
    static final int PACKET_SIZE = 0x4000;

    private static final byte[] OK = Packets.text("OK");
    private static final byte[] NOT_KNOWN = {};
    private static final byte[] EXITED = Packets.text("W00");
    private static final byte[] BAD_ADDRESS = error(14);
    private static final byte[] INVALID = error(22);
    private static final byte[] NO_SPACE = error(28);
    private static final byte[] IO_ERROR = error(5);

    private static final String FEATURES = "PacketSize=" + Integer.toHexString(PACKET_SIZE)
            + ";QStartNoAckMode+;qXfer:features:read+;vContSupported+;swbreak+;hwbreak+";
    private static final String READ_TARGET = "qXfer:features:read:target.xml:";
    private static final String THREAD_EXTRA_INFO = "qThreadExtraInfo,";

    private final DebugTarget target;
    private final Threads threads;
    private final Breakpoints breakpoints;
    private boolean attached;
    private boolean running = true;
    private boolean everContinued;
    private boolean withoutAck;
    private boolean tellsBreakpoints;
    private boolean over;
    private byte[] lastStop = NOT_KNOWN;

    Session(DebugTarget target) {
        this.target = target;
        threads = new Threads(target.vcpuCount());
        breakpoints = new Breakpoints(target.maxBreakpoints());
    }

    private static byte[] error(int number) {
        return Packets.text("E%02x".formatted(number));
    }

    /** Whether the client has asked for the guest's state, and has not let go of it. */
    boolean attached() {
        return attached;
    }

    /** Whether the client has let the guest go on. */
    boolean everContinued() {
        return everContinued;
    }

    /** Whether packets go without acknowledgement. */
    boolean withoutAck() {
        return withoutAck;
    }

    /** Whether nothing more is to be said. */
    boolean over() {
        return over;
    }

    /**
     * Does what a packet says.
     *
     * @return the answer, or null for none yet
     */
    byte @Nullable [] handle(byte[] packet) throws InterruptedException {
        try {
            return dispatch(packet, Packets.text(packet));
        } catch (BadPacketException e) {
            return INVALID;
        } catch (HostException e) {
            return IO_ERROR;
        } catch (DebugTarget.MachineEndedException e) {
            over = true;
            return EXITED;
        }
    }

    private byte @Nullable [] dispatch(byte[] packet, String text) throws InterruptedException {
        if (text.isEmpty()) {
            return NOT_KNOWN;
        }
        return switch (text.charAt(0)) {
            case '?' -> attach();
            case 'g' -> registers().readAll();
            case 'G' -> writeAll(text.substring(1));
            case 'p' -> registers().read(Values.count(text.substring(1)));
            case 'P' -> write(text.substring(1));
            case 'm' -> readMemory(text.substring(1));
            case 'M' -> writeMemory(text.substring(1));
            case 'X' -> writeBinary(packet, text);
            case 'H' -> threads.choose(text.substring(1)) ? OK : INVALID;
            case 'T' -> threads.isOne(text.substring(1)) ? OK : INVALID;
            case 'Z', 'z' -> breakpoint(text);
            case 'c', 's', 'C', 'S' -> goOn(threads.old(text));
            case 'v' -> verbose(text);
            case 'q', 'Q' -> query(text);
            case 'D' -> detach();
            case 'k' -> {
                kill();
                yield null;
            }
            default -> NOT_KNOWN;
        };
    }

    private byte @Nullable [] verbose(String text) throws InterruptedException {
        if (text.equals("vCont?")) {
            return Packets.text("vCont;c;C;s;S");
        }
        if (text.startsWith("vCont;")) {
            return goOn(threads.actions(text.substring("vCont;".length())));
        }
        if (text.startsWith("vKill")) {
            kill();
            return OK;
        }
        return NOT_KNOWN;
    }

    private byte[] query(String text) {
        if (text.startsWith("qSupported")) {
            tellsBreakpoints = Arrays.asList(text.split("[:;]")).contains("swbreak+");
            return Packets.text(FEATURES);
        }
        if (text.startsWith(READ_TARGET)) {
            return readDescription(text.substring(READ_TARGET.length()));
        }
        if (text.startsWith(THREAD_EXTRA_INFO)) {
            return describe(text.substring(THREAD_EXTRA_INFO.length()));
        }
        return switch (text) {
            case "QStartNoAckMode" -> {
                withoutAck = true;
                yield OK;
            }
            case "qAttached" -> Packets.text("1");
            case "qC" -> Packets.text("QC" + Threads.id(threads.current()));
            case "qfThreadInfo" -> Packets.text("m" + threads.ids());
            case "qsThreadInfo" -> Packets.text("l");
            default -> NOT_KNOWN;
        };
    }

    private byte[] readDescription(String range) {
        String[] parts = range.split(",", -1);
        if (parts.length != 2) {
            throw new BadPacketException("no range: " + range);
        }
        byte[] xml = TargetDescription.XML.getBytes(StandardCharsets.US_ASCII);
        int begin = Math.min(Values.count(parts[0]), xml.length);
        // As escapes may double it.
        int size = Math.min(Math.min(Values.count(parts[1]), PACKET_SIZE / 2), xml.length - begin);
        byte[] part = Packets.escape(Arrays.copyOfRange(xml, begin, begin + size));
        byte[] answer = new byte[part.length + 1];
        answer[0] = (byte) (begin + size == xml.length ? 'l' : 'm');
        System.arraycopy(part, 0, answer, 1, part.length);
        return answer;
    }

    private byte[] describe(String id) {
        if (!threads.isOne(id)) {
            throw new BadPacketException("no thread " + id);
        }
        int index = threads.index(id);
        String text = "vCPU " + index;
        if (attached && !running) {
            text += ", "
                    + target.look(machine -> machine.vcpus().get(index).runState())
                            .name()
                            .toLowerCase(Locale.ROOT);
        }
        return Packets.text(HexFormat.of().formatHex(Packets.text(text)));
    }

    private byte[] attach() throws InterruptedException {
        if (attached && !running) {
            return lastStop;
        }
        park();
        attached = true;
        return stop("T05thread:" + Threads.id(threads.current()) + ";");
    }

    private void park() throws InterruptedException {
        if (!target.stop()) {
            throw new DebugTarget.MachineEndedException();
        }
        running = false;
    }

    private byte[] stop(String reply) {
        lastStop = Packets.text(reply);
        return lastStop;
    }

    /** A vCPU has stopped where it was asked to; gives what to tell the client, or null if it waits for nothing. */
    byte @Nullable [] stopped(int vcpu) throws InterruptedException {
        if (!attached || !running) {
            return null;
        }
        try {
            park();
            threads.stoppedAt(vcpu);
            String why = "";
            if (tellsBreakpoints && !threads.steps(vcpu)) {
                why = target.look(machine -> reason(machine.vcpus().get(vcpu).registers()));
            }
            return stop("T05thread:" + Threads.id(vcpu) + ";" + why);
        } catch (DebugTarget.MachineEndedException e) {
            return ended();
        }
    }

    /** GDB goes on without a word if it is told of a breakpoint and has none at the instruction pointer, as with a base before that. */
    private String reason(CpuRegisters registers) {
        return registers.system().cs().base() == 0
                ? breakpoints.reason(registers.general().rip())
                : "";
    }

    /** The client wants the guest to stop; gives what to tell it, or null if it has stopped. */
    byte @Nullable [] interrupted() throws InterruptedException {
        if (!attached || !running) {
            return null;
        }
        try {
            park();
            return stop("T02thread:" + Threads.id(threads.current()) + ";");
        } catch (DebugTarget.MachineEndedException e) {
            return ended();
        }
    }

    /** The machine has ended; gives what to tell the client, or null if it would not know what for. */
    byte @Nullable [] ended() {
        over = true;
        return attached && running ? EXITED : null;
    }

    private byte @Nullable [] goOn(Threads.Actions actions) {
        requireStopped();
        target.go(actions.requests(breakpoints.all()));
        running = true;
        everContinued = true;
        return null;
    }

    private void kill() {
        target.kill();
        attached = false;
        over = true;
    }

    private byte[] detach() throws InterruptedException {
        everContinued = true;
        release();
        return OK;
    }

    /** Lets the guest go on as if nobody had been here. */
    void release() throws InterruptedException {
        if (!attached) {
            return;
        }
        attached = false;
        breakpoints.clear();
        if (target.stop()) { // all of them, also one that stands at a breakpoint that was not told yet
            target.go(threads.all().requests(breakpoints.all()));
        }
        running = true;
    }

    private void requireStopped() {
        if (!attached || running) {
            throw new BadPacketException("the guest runs");
        }
    }

    private RegisterFile registers() {
        requireStopped();
        return new RegisterFile(target, threads.current());
    }

    private byte[] writeAll(String hex) {
        registers().writeAll(Values.bytes(hex));
        return OK;
    }

    private byte[] write(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new BadPacketException("no value: " + text);
        }
        registers().write(Values.count(text.substring(0, equals)), Values.bytes(text.substring(equals + 1)));
        return OK;
    }

    private record Range(long linear, int size, int end) {
        /** {@code ADDRESS,LENGTH} and, in {@code text}, whatever ends it. */
        static Range of(String text, char ends) {
            int comma = text.indexOf(',');
            int end = ends == 0 ? text.length() : text.indexOf(ends);
            if (comma < 0 || end < comma) {
                throw new BadPacketException("no range: " + text);
            }
            int size = Values.count(text.substring(comma + 1, end));
            if (size > PACKET_SIZE) {
                throw new BadPacketException(size + " bytes are too many");
            }
            return new Range(Values.number(text.substring(0, comma)), size, end);
        }
    }

    private byte[] readMemory(String text) {
        requireStopped();
        Range range = Range.of(text, '\0');
        byte[] bytes =
                target.look(machine -> memory(machine).read(range.linear(), Math.min(range.size(), PACKET_SIZE / 2)));
        return bytes.length == 0 && range.size() > 0
                ? BAD_ADDRESS
                : Packets.text(HexFormat.of().formatHex(bytes));
    }

    private byte[] writeMemory(String text) {
        Range range = Range.of(text, ':');
        return write(range, Values.bytes(text.substring(range.end() + 1)));
    }

    private byte[] writeBinary(byte[] packet, String text) {
        Range range = Range.of(text.substring(1), ':');
        return write(range, Packets.unescape(packet, range.end() + 2));
    }

    private byte[] write(Range range, byte[] bytes) {
        requireStopped();
        if (bytes.length != range.size()) {
            throw new BadPacketException(bytes.length + " bytes instead of " + range.size());
        }
        return target.look(machine -> memory(machine).write(range.linear(), bytes)) ? OK : BAD_ADDRESS;
    }

    private LinearMemory memory(DebugTarget.Stopped machine) {
        return new LinearMemory(machine.vcpus().get(threads.current()), machine.memory());
    }

    private byte[] breakpoint(String text) {
        String[] parts = text.substring(1).split("[,;]", -1);
        if (parts.length < 3) {
            throw new BadPacketException("no breakpoint: " + text);
        }
        int type = Values.count(parts[0]);
        if (type > Breakpoints.HARDWARE) {
            return NOT_KNOWN; // a watchpoint: the client steps instead
        }
        requireStopped();
        long linear = Values.number(parts[1]);
        if (text.charAt(0) == 'z') {
            breakpoints.remove(type, linear);
            return OK;
        }
        return breakpoints.add(type, linear) ? OK : NO_SPACE;
    }
}
