package io.javisor.packaging;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.util.List;

/** What {@link java.lang.runtime.SwitchBootstraps#typeSwitch} chooses, by {@code instanceof} in turn. */
final class TypeSwitch {
    private static final ClassDesc BOOTSTRAPS = ClassDesc.of("java.lang.runtime.SwitchBootstraps");

    private TypeSwitch() {}

    /** Those with classes and interfaces for labels; strings, numbers and enums' constants are left to the JDK. */
    static boolean takes(InvokeDynamicInstruction site) {
        return site.bootstrapMethod().owner().equals(BOOTSTRAPS)
                && site.bootstrapMethod().methodName().equals("typeSwitch")
                && !site.typeSymbol().parameterType(0).isPrimitive()
                && site.bootstrapArgs().stream()
                        .allMatch(label -> label instanceof ClassDesc type && !type.isPrimitive());
    }

    /** From (value, index of the first label to try) to the index of the first that fits, their number for none, -1 for null. */
    static void write(CodeBuilder code, InvokeDynamicInstruction site) {
        List<ConstantDesc> labels = site.bootstrapArgs();
        Label notNull = code.newLabel();
        code.aload(0).ifnonnull(notNull).iconst_m1().ireturn().labelBinding(notNull);
        for (int i = 0; i < labels.size(); i++) {
            Label next = code.newLabel();
            code.iload(1).loadConstant(i).if_icmpgt(next);
            code.aload(0).instanceOf((ClassDesc) labels.get(i)).ifeq(next);
            code.loadConstant(i).ireturn().labelBinding(next);
        }
        code.loadConstant(labels.size()).ireturn();
    }
}
