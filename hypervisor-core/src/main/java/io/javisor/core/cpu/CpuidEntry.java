package io.javisor.core.cpu;

/**
 * What the CPUID instruction answers for one leaf and subleaf.
 *
 * @param function the leaf: EAX at the instruction
 * @param index the subleaf: ECX at the instruction, if the leaf has subleaves
 * @param indexed whether the leaf has subleaves
 */
public record CpuidEntry(int function, int index, boolean indexed, int eax, int ebx, int ecx, int edx) {
    /** A leaf without subleaves. */
    public static CpuidEntry leaf(int function, int eax, int ebx, int ecx, int edx) {
        return new CpuidEntry(function, 0, false, eax, ebx, ecx, edx);
    }

    /** One subleaf of a leaf that has them. */
    public static CpuidEntry subleaf(int function, int index, int eax, int ebx, int ecx, int edx) {
        return new CpuidEntry(function, index, true, eax, ebx, ecx, edx);
    }

    /** Whether it answers for {@code function} and {@code index}; without subleaves it does for every index. */
    public boolean answers(int function, int index) {
        return this.function == function && (!indexed || this.index == index);
    }

    public CpuidEntry withEax(int value) {
        return new CpuidEntry(function, index, indexed, value, ebx, ecx, edx);
    }

    public CpuidEntry withEbx(int value) {
        return new CpuidEntry(function, index, indexed, eax, value, ecx, edx);
    }

    public CpuidEntry withEcx(int value) {
        return new CpuidEntry(function, index, indexed, eax, ebx, value, edx);
    }

    public CpuidEntry withEdx(int value) {
        return new CpuidEntry(function, index, indexed, eax, ebx, ecx, value);
    }

    /** One of the four answers. */
    public int register(Register register) {
        return switch (register) {
            case EAX -> eax;
            case EBX -> ebx;
            case ECX -> ecx;
            case EDX -> edx;
        };
    }

    public CpuidEntry with(Register register, int value) {
        return switch (register) {
            case EAX -> withEax(value);
            case EBX -> withEbx(value);
            case ECX -> withEcx(value);
            case EDX -> withEdx(value);
        };
    }

    /** The registers that CPUID fills. */
    public enum Register {
        EAX,
        EBX,
        ECX,
        EDX
    }
}
