package io.javisor.gdb;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.host.HostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The registers of a vCPU of a stopped machine, as packets have them. */
final class RegisterFile {
    private static final List<Register> ALL = TargetDescription.REGISTERS;

    private final DebugTarget target;
    private final int vcpu;

    RegisterFile(DebugTarget target, int vcpu) {
        this.target = target;
        this.vcpu = vcpu;
    }

    byte[] readAll() {
        return target.look(machine -> {
            EngineVcpu engine = machine.vcpus().get(vcpu);
            CpuRegisters words = engine.registers();
            CpuState state = stateOf(engine);
            StringBuilder text = new StringBuilder();
            ALL.forEach(register -> text.append(shown(register, words, state)));
            return Packets.text(text.toString());
        });
    }

    byte[] read(int number) {
        Register register = register(number);
        return target.look(machine -> {
            EngineVcpu engine = machine.vcpus().get(vcpu);
            CpuState state = register instanceof Register.Part ? stateOf(engine) : null;
            return Packets.text(shown(register, engine.registers(), state));
        });
    }

    /**
     * Sets one.
     *
     * @throws BadPacketException if it can't have that value, or only its own
     */
    void write(int number, byte[] value) {
        Register register = register(number);
        requireSize(register.sizeBytes(), value.length);
        target.look(machine -> {
            EngineVcpu engine = machine.vcpus().get(vcpu);
            CpuRegisters words = engine.registers();
            CpuState state = register instanceof Register.Part ? stateOf(engine) : null;
            CpuRegisters changed = with(words, state, register, value);
            if (!changed.equals(words)) {
                engine.setRegisters(changed);
            }
            return number;
        });
    }

    /** Sets all of them, or none. Throws as {@link #write}. */
    void writeAll(byte[] values) {
        requireSize(ALL.stream().mapToInt(Register::sizeBytes).sum(), values.length);
        target.look(machine -> {
            EngineVcpu engine = machine.vcpus().get(vcpu);
            CpuRegisters words = engine.registers();
            CpuState state = stateOf(engine);
            CpuRegisters changed = words;
            int at = 0;
            for (Register register : ALL) {
                byte[] value = Arrays.copyOfRange(values, at, at + register.sizeBytes());
                changed = with(changed, state, register, value);
                at += value.length;
            }
            if (!changed.equals(words)) {
                engine.setRegisters(changed);
            }
            return at;
        });
    }

    private static CpuRegisters with(CpuRegisters words, @Nullable CpuState state, Register register, byte[] value) {
        String now = shown(register, words, state);
        if (now.charAt(0) == 'x' || HexFormat.of().formatHex(value).equals(now)) {
            return words;
        }
        if (register instanceof Register.Word word && word.set() != null) {
            return word.set().set(words, Values.ofLittleEndian(value));
        }
        throw new BadPacketException(register.name().toUpperCase(Locale.ROOT) + " can't be changed");
    }

    private static Register register(int number) {
        if (number >= ALL.size()) {
            throw new BadPacketException("no register " + number);
        }
        return ALL.get(number);
    }

    private static void requireSize(int expected, int size) {
        if (size != expected) {
            throw new BadPacketException(size + " bytes instead of " + expected);
        }
    }

    /** The digits, or as many {@code x} if the host does not tell. */
    private static String shown(Register register, CpuRegisters words, @Nullable CpuState state) {
        return switch (register) {
            case Register.Word word ->
                HexFormat.of().formatHex(Values.littleEndian(word.get().applyAsLong(words), word.sizeBytes()));
            case Register.Part part ->
                state == null
                        ? "xx".repeat(part.sizeBytes())
                        : HexFormat.of().formatHex(part.get().apply(state));
        };
    }

    private static @Nullable CpuState stateOf(EngineVcpu engine) {
        try {
            return engine.save();
        } catch (HostException e) {
            return null;
        }
    }
}
