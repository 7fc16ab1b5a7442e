package io.javisor.packaging;

import static java.lang.classfile.ClassFile.ACC_PRIVATE;
import static java.lang.classfile.ClassFile.ACC_STATIC;
import static java.lang.classfile.ClassFile.ACC_SYNTHETIC;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns dynamic call sites that the JVM's AOT cache can't hold into calls of methods of the class itself, which do the same. The first
 * use of such a site in a process makes a class, and the first one of all drags in the machinery that makes classes. The cache holds
 * those of lambdas and of string concatenation.
 */
final class CallSites {
    private CallSites() {}

    /** Whether a class has a site that {@link #transform} takes. */
    static boolean in(ClassModel model) {
        return model.methods().stream().anyMatch(CallSites::has);
    }

    /** To be used for one class, once. */
    static ClassTransform transform(ClassModel model) {
        List<InvokeDynamicInstruction> sites = new ArrayList<>();
        ClassDesc self = model.thisClass().asSymbol();
        boolean isInterface = model.flags().has(AccessFlag.INTERFACE);
        CodeTransform calls = (builder, element) -> {
            if (element instanceof InvokeDynamicInstruction site && isTaken(site)) {
                builder.invokestatic(self, name(sites.size()), site.typeSymbol(), isInterface);
                sites.add(site);
            } else {
                builder.with(element);
            }
        };
        return new ClassTransform() {
            @Override
            public void accept(ClassBuilder builder, ClassElement element) {
                if (element instanceof MethodModel method && has(method)) {
                    builder.transformMethod(method, MethodTransform.transformingCode(calls));
                } else {
                    builder.with(element);
                }
            }

            @Override
            public void atEnd(ClassBuilder builder) {
                for (int i = 0; i < sites.size(); i++) {
                    InvokeDynamicInstruction site = sites.get(i);
                    builder.withMethodBody(
                            name(i), site.typeSymbol(), ACC_PRIVATE | ACC_STATIC | ACC_SYNTHETIC, code -> {
                                if (TypeSwitch.takes(site)) {
                                    TypeSwitch.write(code, site);
                                } else {
                                    RecordMethod.write(code, site);
                                }
                            });
                }
            }
        };
    }

    private static boolean has(MethodModel method) {
        return method.code().stream().flatMap(CodeModel::elementStream).anyMatch(CallSites::isTaken);
    }

    private static boolean isTaken(CodeElement element) {
        return element instanceof InvokeDynamicInstruction site && (TypeSwitch.takes(site) || RecordMethod.takes(site));
    }

    private static String name(int index) {
        return "site$" + index;
    }
}
